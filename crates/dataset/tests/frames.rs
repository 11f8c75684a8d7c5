//! A frame of a game can be made again from its sample.

use dataset::Sample;
use gameboy::{Buttons, Cartridge, GameBoy, Layer, Model};

#[test]
fn frames_of_the_demo_come_back_with_their_origin() {
    let rom = include_bytes!("../../../roms/chromaboy-demo.gb").to_vec();
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("the demo"), Model::Cgb);
    gb.record_provenance();
    let mut objects = 0;
    for number in 0..900 {
        let pressed = number % 40 < 8;
        gb.set_buttons(if pressed { Buttons::START | Buttons::RIGHT } else { Buttons::RIGHT });
        gb.run_frame();
        let frame = gb.frame();
        let sample = Sample::from_frame(number, frame).expect("colors with provenance");
        let planes = sample.planes.expect("provenance");
        let again = planes.to_frame(&sample.colors).expect("a scene");
        assert_eq!(again.colors(), frame.colors());
        assert!(again.provenance() == frame.provenance());
        assert_eq!(again.scroll(), frame.scroll());
        assert_eq!(again.window(), frame.window());
        assert!(again.memory() == frame.memory());
        objects += planes.layers.iter().filter(|&&layer| layer == Layer::Object).count();
    }
    assert!(objects > 1000, "{objects} pixels of objects");
}
