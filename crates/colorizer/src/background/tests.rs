use std::sync::mpsc::{Receiver, Sender, channel};

use gameboy::{Frame, PIXELS};

use super::*;
use crate::SourceError;

/// A source under the test's control: says which shade it was asked about, then waits for an
/// order.
struct Ordered {
    asked: Sender<Event>,
    orders: Receiver<Order>,
}

#[derive(Debug, PartialEq, Eq)]
enum Event {
    /// The first shade of the frame.
    Frame(u8),
    Reset,
}

enum Order {
    /// Fill the a* plane.
    Fill(f32),
    Fail,
    Panic,
}

impl ChromaSource for Ordered {
    fn chroma(&mut self, frame: &Frame, out: &mut Chroma) -> Result<(), SourceError> {
        let shades = frame.shades().expect("never asked for a colour frame");
        self.asked.send(Event::Frame(shades[0]))?;
        match self.orders.recv()? {
            Order::Fill(a) => {
                out.set_size(80, 72)?;
                out.planes_mut().0.fill(a);
                Ok(())
            }
            Order::Fail => Err("out of paint".into()),
            Order::Panic => panic!("the brush broke"),
        }
    }

    fn reset(&mut self) {
        // A test that ended does not listen any more.
        let _ = self.asked.send(Event::Reset);
    }
}

/// A worker, its source's two channels, and a picture to paint.
///
/// The channels close first, so that a source that waits for orders ends where a test fails.
struct Bench {
    asked: Receiver<Event>,
    orders: Sender<Order>,
    background: Background,
    out: RgbaFrame,
}

impl Bench {
    fn new() -> Self {
        let ((asked, heard), (orders, taken)) = (channel(), channel());
        let background =
            Background::new(Ordered { asked, orders: taken }).with_fallback(Palette::GREEN_LCD);
        Self { background, asked: heard, orders, out: RgbaFrame::new() }
    }

    /// Shows a frame of one shade; gives the colour it is painted in.
    fn show(&mut self, shade: u8) -> [u8; 3] {
        self.background.colorize(&Frame::from_shades(&[shade; PIXELS]), &mut self.out);
        self.out.pixel(80, 72)
    }

    fn order(&self, order: Order) {
        self.orders.send(order).expect("the source listens");
    }

    fn heard(&self) -> Event {
        self.asked.recv().expect("the source speaks")
    }

    /// Gives an order and waits until all frames handed over are answered.
    fn answer(&self, order: Order) {
        self.order(order);
        self.background.mailbox.wait_until_idle();
    }
}

fn painted(shade: u8, a: f32) -> [u8; 3] {
    let grey = crate::GREY_LEVELS[shade as usize];
    let l = crate::lab::srgb_to_lab([grey; 3]).l;
    let mut out = [[0; 4]];
    crate::recombine_pixels(&[l], &[a], &[0.0], &mut out);
    [out[0][0], out[0][1], out[0][2]]
}

#[test]
fn frames_are_grey_at_once_while_the_source_works() {
    let mut bench = Bench::new();
    assert_eq!(bench.show(1), [0xAA; 3]);
    assert_eq!(bench.heard(), Event::Frame(1));
    // The source holds its frame until it gets an order: these would block if they waited.
    assert_eq!(bench.show(2), [0x55; 3]);
    assert_eq!(bench.show(0), [0xFF; 3]);
    bench.order(Order::Fill(20.0));
    bench.answer(Order::Fill(20.0));
}

#[test]
fn the_newest_frame_wins() {
    let mut bench = Bench::new();
    bench.show(1);
    assert_eq!(bench.heard(), Event::Frame(1));
    for shade in [2, 3, 0] {
        bench.show(shade);
    }
    bench.order(Order::Fill(20.0));
    assert_eq!(bench.heard(), Event::Frame(0));
    bench.answer(Order::Fill(30.0));
    let stats = bench.background.stats();
    assert_eq!((stats.frames, stats.colored, stats.skipped), (4, 2, 2));
    assert_eq!(stats.failure, None);
}

#[test]
fn the_newest_luma_has_the_latest_chroma() {
    let mut bench = Bench::new();
    bench.show(1);
    bench.answer(Order::Fill(20.0));
    assert_eq!(bench.show(2), painted(2, 20.0));
    assert_eq!(bench.heard(), Event::Frame(1));
    assert_eq!(bench.heard(), Event::Frame(2));
    // Still busy with the second frame: the first one's chroma serves on.
    assert_eq!(bench.show(3), painted(3, 20.0));
    bench.order(Order::Fill(40.0));
    bench.answer(Order::Fill(-30.0));
    assert_eq!(bench.show(3), painted(3, -30.0));
}

#[test]
fn a_frame_seen_before_has_its_own_chroma_and_is_not_sent_again() {
    let mut bench = Bench::new();
    for (shade, a) in [(1, 20.0), (2, -20.0)] {
        bench.show(shade);
        bench.answer(Order::Fill(a));
    }
    for _ in 0..3 {
        assert_eq!(bench.show(2), painted(2, -20.0));
        assert_eq!(bench.show(1), painted(1, 20.0));
    }
    bench.background.mailbox.wait_until_idle();
    let stats = bench.background.stats();
    assert_eq!((stats.frames, stats.colored, stats.reused, stats.skipped), (8, 2, 6, 0));
}

#[test]
fn a_frame_that_waits_is_not_sent_twice() {
    let mut bench = Bench::new();
    bench.show(1);
    assert_eq!(bench.heard(), Event::Frame(1));
    bench.show(2);
    bench.show(2);
    bench.order(Order::Fill(20.0));
    bench.answer(Order::Fill(30.0));
    let stats = bench.background.stats();
    assert_eq!((stats.colored, stats.skipped), (2, 0));
}

#[test]
fn an_answer_does_not_replace_the_chroma_of_a_later_frame() {
    let mut bench = Bench::new();
    bench.show(1);
    bench.answer(Order::Fill(20.0));
    bench.show(2);
    assert_eq!(bench.show(1), painted(1, 20.0));
    bench.answer(Order::Fill(-20.0));
    assert_eq!(bench.show(3), painted(3, 20.0), "of the frame before, not of the one answered");
    bench.answer(Order::Fill(0.0));
    assert_eq!(bench.show(2), painted(2, -20.0));
}

#[test]
fn frames_are_counted_by_the_age_of_their_chroma() {
    let mut bench = Bench::new();
    let count = |bench: &Bench| {
        let stats = bench.background.stats();
        assert_eq!(stats.frames, stats.fresh + stats.reused + stats.late);
        [stats.fresh, stats.reused, stats.late]
    };
    bench.show(0);
    assert_eq!(count(&bench), [0, 0, 1], "there was no chroma yet");
    bench.answer(Order::Fill(20.0));
    bench.show(1);
    assert_eq!(count(&bench), [1, 0, 1], "that of the frame before");
    bench.show(2);
    assert_eq!(count(&bench), [1, 0, 2], "that of two frames before");
    bench.show(0);
    assert_eq!(count(&bench), [1, 1, 2], "its own");
    bench.order(Order::Fill(0.0));
    bench.answer(Order::Fill(0.0));
}

#[test]
fn chroma_is_as_new_as_the_latest_frame_that_looks_the_same() {
    let mut bench = Bench::new();
    bench.show(0);
    bench.answer(Order::Fill(20.0));
    bench.show(1);
    bench.show(1);
    bench.answer(Order::Fill(30.0));
    bench.show(2);
    let stats = bench.background.stats();
    assert_eq!([stats.fresh, stats.late], [2, 2], "the third came before any answer to the second");
    bench.answer(Order::Fill(0.0));
}

#[test]
fn stages_are_timed() {
    let mut bench = Bench::new();
    bench.show(1);
    bench.answer(Order::Fill(20.0));
    assert_eq!(bench.background.stats().recombine, crate::Spread::default());
    bench.show(1);
    let stats = bench.background.stats();
    for spread in [stats.network, stats.recombine] {
        assert!(spread.median <= spread.max, "{spread:?}");
    }
    assert!(stats.recombine.max > std::time::Duration::ZERO);
}

#[test]
fn chroma_of_before_a_reset_is_discarded() {
    let mut bench = Bench::new();
    bench.show(1);
    assert_eq!(bench.heard(), Event::Frame(1));
    bench.background.reset();
    assert_eq!(bench.show(1), [0xAA; 3]);
    bench.order(Order::Fill(50.0));
    assert_eq!(bench.heard(), Event::Reset);
    assert_eq!(bench.heard(), Event::Frame(1));
    // The first answer is there by now, and is of before the reset.
    assert_eq!(bench.show(1), [0xAA; 3]);
    bench.answer(Order::Fill(20.0));
    assert_eq!(bench.show(1), painted(1, 20.0));
}

#[test]
fn a_reset_takes_the_color_away_at_once() {
    let mut bench = Bench::new();
    bench.show(1);
    bench.answer(Order::Fill(20.0));
    assert_eq!(bench.show(1), painted(1, 20.0));
    bench.background.reset();
    assert_eq!(bench.show(1), [0xAA; 3]);
    bench.answer(Order::Fill(10.0));
    assert_eq!(bench.show(1), painted(1, 10.0));
}

#[test]
fn a_failing_source_falls_back_and_may_recover() {
    let mut bench = Bench::new();
    bench.show(1);
    bench.answer(Order::Fail);
    assert_eq!(bench.show(2), [0x30, 0x62, 0x30]);
    assert_eq!(bench.background.stats().failure.as_deref(), Some("out of paint"));
    bench.answer(Order::Fill(20.0));
    assert_eq!(bench.show(2), painted(2, 20.0));
    assert_eq!(bench.background.stats().colored, 1);
}

#[test]
fn a_panicking_source_falls_back_for_good() {
    let mut bench = Bench::new();
    bench.show(1);
    bench.answer(Order::Panic);
    for shade in [2, 1, 2] {
        let green = Palette::GREEN_LCD.background()[shade as usize];
        assert_eq!(bench.show(shade), green);
        bench.background.mailbox.wait_until_idle();
    }
    let stats = bench.background.stats();
    assert_eq!(stats.failure.as_deref(), Some("the network panicked: the brush broke"));
    assert_eq!(stats.colored, 0);
}

#[test]
fn color_frames_pass_through_unasked() {
    let mut bench = Bench::new();
    bench.background.colorize(&Frame::from_colors(&[0x32BF; PIXELS]), &mut bench.out);
    assert_eq!(bench.out.pixel(0, 0), [0xFF, 0xAD, 0x63]);
    bench.background.mailbox.wait_until_idle();
    assert_eq!(bench.background.stats(), Stats::default());
}

#[test]
fn dropping_ends_the_source() {
    let bench = Bench::new();
    drop(bench.background);
    assert!(bench.asked.recv().is_err(), "the source and its channel are gone");
}
