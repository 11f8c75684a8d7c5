use super::*;

const FRAME: u64 = 70_224;
const MODELS: [Model; 2] = [Model::Dmg, Model::Cgb];

fn on(model: Model) -> Apu {
    let mut apu = Apu::power_on(model);
    write_all(&mut apu, &[(0xFF26, 0x80), (0xFF24, 0x77), (0xFF25, 0xFF)]);
    apu
}

fn write_all(apu: &mut Apu, writes: &[(u16, u8)]) {
    for (addr, value) in writes {
        apu.write(*addr, *value);
    }
}

fn run(apu: &mut Apu, dots: u64) {
    apu.catch_up(apu.now + dots);
}

/// 50 % duty, full volume, 1,024 Hz.
const TONE: [(u16, u8); 4] = [(0xFF16, 0x80), (0xFF17, 0xF0), (0xFF18, 0x80), (0xFF19, 0x87)];

#[test]
fn registers_after_the_boot_rom() {
    let expected = [
        0x80, 0xBF, 0xF3, 0xFF, 0xBF, 0xFF, 0x3F, 0x00, 0xFF, 0xBF, 0x7F, 0xFF, 0x9F, 0xFF, 0xBF,
        0xFF, 0xFF, 0x00, 0x00, 0xBF, 0x77, 0xF3, 0xF1,
    ];
    for model in MODELS {
        let apu = Apu::new(model);
        let read: Vec<u8> = (0xFF10..=0xFF26).map(|addr| apu.read(addr)).collect();
        assert_eq!(read, expected);
        assert_eq!(Apu::power_on(model).read(0xFF26), 0x70);
    }
}

#[test]
fn samples_per_second_are_exact() {
    let mut apu = Apu::new(Model::Dmg);
    let mut count = 0;
    for frame in 1..=5_974 {
        apu.catch_up(frame * FRAME);
        apu.end_frame();
        assert!(matches!(apu.samples().len(), 803 | 804));
        count += apu.samples().len() as u64;
    }
    assert_eq!(count, 5_974 * FRAME * 48_000 / 4_194_304);
}

#[test]
fn nothing_is_heard_after_the_boot_rom() {
    let mut apu = Apu::new(Model::Dmg);
    run(&mut apu, FRAME);
    apu.end_frame();
    assert!(apu.samples().iter().flatten().all(|sample| sample.abs() < 1e-6));
}

#[test]
fn a_tone_has_its_frequency_and_volume() {
    let mut apu = on(Model::Dmg);
    write_all(&mut apu, &TONE);
    run(&mut apu, 20 * FRAME);
    apu.end_frame();
    let mut left = Vec::new();
    for _ in 0..60 {
        run(&mut apu, FRAME);
        apu.end_frame();
        left.extend(apu.samples().iter().map(|pair| pair[0]));
    }
    let rises = left.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    assert!((1_028..=1_030).contains(&rises), "{rises}");
    let peak = left.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
    assert!((0.12..0.15).contains(&peak), "{peak}");
}

/// What cannot be heard costs nothing, and leaves the mean.
#[test]
fn an_ultrasonic_tone_is_its_mean() {
    let mut apu = on(Model::Dmg);
    write_all(&mut apu, &[(0xFF16, 0xC0), (0xFF17, 0xF0), (0xFF18, 0xFF), (0xFF19, 0x87)]);
    (0..16).for_each(|index| apu.write(0xFF30 + index, 0xF3));
    write_all(&mut apu, &[(0xFF1A, 0x80), (0xFF1C, 0x20), (0xFF1D, 0xFF), (0xFF1E, 0x87)]);
    run(&mut apu, 70_000);
    assert_eq!([apu.pulse2.level(), apu.wave.level()], [-30, -12]);
    let mut seen = [false; 2];
    for _ in 0..8 {
        run(&mut apu, 4);
        seen[(apu.read_pcm12() == 0xF0) as usize] = true;
    }
    assert_eq!(seen, [true; 2]);
}

/// Batches of any size give the same samples, bit for bit.
#[test]
fn catching_up_often_changes_nothing() {
    let writes = [
        (0xFF12, 0xF1),
        (0xFF10, 0x23),
        (0xFF13, 0x33),
        (0xFF14, 0x83),
        (0xFF1A, 0x80),
        (0xFF1C, 0x20),
        (0xFF1D, 0xF7),
        (0xFF1E, 0x87),
        (0xFF21, 0xA2),
        (0xFF22, 0x13),
        (0xFF23, 0x80),
        (0xFF25, 0x6B),
    ];
    for model in MODELS {
        let mut seldom = on(model);
        write_all(&mut seldom, &writes);
        let mut often = seldom.clone();
        for _ in 0..3 {
            run(&mut seldom, FRAME);
            (0..FRAME / 4).for_each(|_| run(&mut often, 4));
            seldom.end_frame();
            often.end_frame();
            assert_eq!(seldom.samples(), often.samples());
        }
    }
}

#[test]
fn a_state_goes_on_with_the_same_samples() {
    let mut apu = on(Model::Cgb);
    write_all(&mut apu, &TONE);
    run(&mut apu, FRAME + 1_000);
    let bytes = postcard::to_stdvec(&apu).expect("serializable");
    let mut restored: Apu = postcard::from_bytes(&bytes).expect("just written");
    restored.adopt_clock(apu.now);
    for apu in [&mut apu, &mut restored] {
        run(apu, FRAME);
        apu.end_frame();
    }
    assert_eq!(apu.samples(), restored.samples());
}

#[test]
fn the_loudest_stays_within_the_scale() {
    for model in MODELS {
        let mut apu = on(model);
        write_all(&mut apu, &[(0xFF17, 0xF0), (0xFF12, 0xF0), (0xFF21, 0xF0), (0xFF1A, 0x80)]);
        write_all(&mut apu, &[(0xFF14, 0x80), (0xFF19, 0x80), (0xFF1C, 0x20), (0xFF1E, 0x80)]);
        write_all(&mut apu, &[(0xFF22, 0x77), (0xFF23, 0x80)]);
        for frame in 0..60 {
            run(&mut apu, FRAME);
            apu.write(0xFF24, if frame & 1 == 0 { 0 } else { 0x77 });
            apu.end_frame();
            assert!(apu.samples().iter().flatten().all(|sample| sample.abs() < 1.0));
        }
    }
}

#[test]
fn a_length_ends_its_channel() {
    let mut apu = on(Model::Dmg);
    write_all(&mut apu, &[(0xFF17, 0xF0), (0xFF16, 0x3F), (0xFF19, 0xC0)]);
    run(&mut apu, 0x2000 - 1);
    assert_eq!(apu.read(0xFF26), 0xF2);
    run(&mut apu, 1);
    assert_eq!(apu.read(0xFF26), 0xF0);
}

#[test]
fn resetting_div_clocks_the_sequencer_while_its_bit_is_set() {
    for (phase, expected) in [(0x1000, 0xF0), (0x0FFC, 0xF2)] {
        let mut apu = on(Model::Dmg);
        write_all(&mut apu, &[(0xFF17, 0xF0), (0xFF16, 0x3F), (0xFF19, 0xC0)]);
        run(&mut apu, phase);
        apu.div_written();
        assert_eq!(apu.read(0xFF26), expected);
    }
}

#[test]
fn power_off_clears_all_but_wave_ram_and_the_dmg_s_lengths() {
    for (model, expected) in [(Model::Dmg, 0xF0), (Model::Cgb, 0xF2)] {
        let mut apu = on(model);
        apu.write(0xFF30, 0x12);
        apu.write(0xFF16, 0x3F);
        apu.write(0xFF26, 0);
        assert_eq!(apu.read(0xFF25), 0);
        assert_eq!(apu.read(0xFF30), 0x12);
        apu.write(0xFF25, 0x55);
        assert_eq!(apu.read(0xFF25), 0);
        write_all(&mut apu, &[(0xFF26, 0x80), (0xFF17, 0xF0), (0xFF19, 0xC0)]);
        run(&mut apu, 0x2000);
        assert_eq!(apu.read(0xFF26), expected);
    }
}

#[test]
fn wave_ram_is_seen_through_the_playing_channel() {
    for (model, expected) in [(Model::Dmg, 0xFF), (Model::Cgb, 0x11)] {
        let mut apu = on(model);
        (0..16).for_each(|index| apu.write(0xFF30 + index, index as u8 * 0x11));
        write_all(&mut apu, &[(0xFF1A, 0x80), (0xFF1D, 0), (0xFF1E, 0x80)]);
        run(&mut apu, 2 * 4096 + 6 - 2);
        assert_eq!(apu.read(0xFF3F), if model.is_cgb() { 0 } else { 0xFF });
        run(&mut apu, 2);
        assert_eq!(apu.read(0xFF3F), 0x11);
        run(&mut apu, 2);
        assert_eq!(apu.read(0xFF3F), expected);
    }
}

#[test]
fn a_forgotten_block_does_not_grow() {
    let mut apu = Apu::new(Model::Dmg);
    run(&mut apu, 100_000_000);
    assert!(apu.mixer.block_dots() <= LONGEST_BLOCK);
}

#[test]
fn any_state_can_run() {
    let mut apu = on(Model::Dmg);
    run(&mut apu, 5);
    let bytes = postcard::to_stdvec(&apu).expect("serializable");
    let mut seed = 1u32;
    for _ in 0..2_000 {
        let mut damaged = bytes.clone();
        for _ in 0..4 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let index = (seed >> 8) as usize % 200;
            damaged[index] = (seed >> 24) as u8;
        }
        if let Ok(mut apu) = postcard::from_bytes::<Apu>(&damaged) {
            apu.adopt_clock(0);
            write_all(&mut apu, &TONE);
            run(&mut apu, 20_000);
            apu.end_frame();
            assert!(apu.samples().iter().flatten().all(|sample| sample.is_finite()));
        }
    }
}
