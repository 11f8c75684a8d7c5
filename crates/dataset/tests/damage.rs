//! A session must come back as it went in, and damage to it must be noticed, named and passed by.

use std::io::Read;

use dataset::{Damage, Error, Planes, Reader, Sample, Scene, Session, Writer};
use gameboy::{HEIGHT, Layer, PIXELS, Scroll, VideoMemory, WindowLine};

/// A sample whose planes all depend on `seed`, and which has DMG shades where that is odd, and a
/// scene where it is 2 or 3.
fn sample(seed: usize) -> Sample {
    let noise = |i: usize| (i / 7 + seed).wrapping_mul(2_654_435_761) >> 7;
    let layers = [Layer::Background, Layer::Window, Layer::Object];
    Sample {
        frame: seed as u64 * 20,
        colors: plane(|i| (noise(i) & 0x7FFF) as u16),
        planes: Some(Planes {
            indices: plane(|i| (noise(i + 1) & 3) as u8),
            layers: plane(|i| layers[noise(i + 2) % 3]),
            palettes: plane(|i| (noise(i + 3) & 7) as u8),
            tiles: plane(|i| (noise(i + 4) % 768) as u16),
            scroll: Box::new(std::array::from_fn::<_, HEIGHT, _>(|y| Scroll {
                scx: y as u8,
                scy: seed as u8,
            })),
            scene: (2..4).contains(&seed).then(|| Scene {
                objects: plane(|i| (noise(i + 6) % 40) as u8),
                window: Box::new(std::array::from_fn(|y| {
                    let line = WindowLine { left: y as i16 - 7, line: seed as u8 };
                    (y % 3 != 0).then_some(line)
                })),
                memory: Box::new(memory(seed)),
            }),
        }),
        shades: (seed % 2 == 1).then(|| plane(|i| (noise(i + 5) & 3) as u8)),
    }
}

fn memory(seed: usize) -> VideoMemory {
    let mut bytes: Vec<u8> = (0..VideoMemory::BYTES).map(|i| (i / 3 + seed) as u8).collect();
    bytes[VideoMemory::BYTES - 1] = if seed.is_multiple_of(2) { 8 } else { 16 };
    VideoMemory::from_bytes(&bytes).expect("as long as it must be")
}

#[expect(clippy::unnecessary_box_returns, reason = "the planes of a sample are boxes")]
fn plane<T>(value: impl Fn(usize) -> T) -> Box<[T; PIXELS]> {
    Box::new(std::array::from_fn(value))
}

fn session() -> Session {
    Session { game: "game".into(), seed: 5, ..Session::default() }
}

/// A file of `count` samples, and where each record begins in it (the end record last).
fn file(count: usize) -> (Vec<u8>, Vec<usize>) {
    let mut file = Vec::new();
    let mut begins = Vec::new();
    let mut writer = Writer::new(&mut file, &session()).expect("header");
    for seed in 0..count {
        writer.write(&sample(seed)).expect("in range");
    }
    writer.finish().expect("end");
    let header = Writer::new(Vec::new(), &session()).expect("header").finish().expect("end").len();
    let mut at = header - 24;
    begins.push(at);
    for _ in 0..count {
        at += 24 + u32::from_le_bytes(file[at + 12..at + 16].try_into().expect("4")) as usize;
        begins.push(at);
    }
    assert_eq!(at + 24, file.len());
    (file, begins)
}

/// The frame numbers of what can be read, and the damage.
fn intact(file: &[u8]) -> (Vec<u64>, Damage) {
    let mut reader = Reader::new(file).expect("intact header");
    let mut frames = Vec::new();
    while let Some(sample) = reader.next_intact().expect("a slice cannot fail") {
        frames.push(sample.frame);
    }
    (frames, reader.damage())
}

fn first_error(file: &[u8]) -> Error {
    Reader::new(file).expect("intact header").find_map(Result::err).expect("damage")
}

fn with_head_checksum(mut file: Vec<u8>, at: usize) -> Vec<u8> {
    let checksum = crc32fast::hash(&file[at..at + 20]).to_le_bytes();
    file[at + 20..at + 24].copy_from_slice(&checksum);
    file
}

#[test]
fn what_is_written_is_read() {
    let (file, _) = file(4);
    let mut reader = Reader::new(&file[..]).expect("intact");
    assert_eq!(reader.session(), &session());
    for seed in 0..4 {
        assert_eq!(reader.next_sample().expect("intact"), Some(sample(seed)));
    }
    assert_eq!(reader.next_sample().expect("the end"), None);
    assert_eq!(reader.next_sample().expect("still the end"), None);
    assert_eq!(reader.damage(), Damage::default());
}

#[test]
fn pictures_alone_and_with_shades_are_read_as_they_were() {
    let alone = Sample { planes: None, ..sample(0) };
    let shaded = Sample { planes: None, ..sample(1) };
    let mut writer = Writer::new(Vec::new(), &session()).expect("header");
    for written in [&alone, &shaded, &sample(2)] {
        writer.write(written).expect("in range");
    }
    let file = writer.finish().expect("end");
    let read: Result<Vec<_>, _> = Reader::new(&file[..]).expect("intact").collect();
    assert_eq!(read.expect("no damage"), [alone, shaded, sample(2)]);
}

/// Version 1 differs in its number alone as long as all samples have their provenance and no scene.
#[test]
fn version_1_is_read_and_later_ones_are_refused() {
    let (file, begins) = file(2);
    let numbered = |version: u8| {
        let mut old = file.clone();
        old[8] = version;
        let checked = begins[0] - 4;
        let checksum = crc32fast::hash(&old[..checked]).to_le_bytes();
        old[checked..begins[0]].copy_from_slice(&checksum);
        old
    };
    let samples: Result<Vec<_>, _> = Reader::new(&numbered(1)[..]).expect("version 1").collect();
    assert_eq!(samples.expect("no damage"), [sample(0), sample(1)]);
    for version in [0, 4] {
        let error = Reader::new(&numbered(version)[..]).expect_err("another version").to_string();
        assert!(error.ends_with("only versions 1 to 3 are known"), "{error}");
    }
}

#[test]
fn an_empty_session_is_sound() {
    assert_eq!(intact(&file(0).0), (vec![], Damage::default()));
}

#[test]
fn a_cut_file_is_readable_up_to_the_last_complete_sample() {
    let (file, begins) = file(3);
    let near_edges = begins.iter().flat_map(|&at| at.saturating_sub(3)..at + 24);
    let cuts = near_edges.chain((begins[0]..file.len()).step_by(997));
    for cut in cuts.filter(|&cut| (begins[0]..file.len()).contains(&cut)) {
        let complete = begins[1..].iter().filter(|&&end| end <= cut).count();
        let (frames, damage) = intact(&file[..cut]);
        assert_eq!(frames, [0, 20, 40][..complete], "cut at {cut}");
        assert_eq!(damage, Damage { samples: 0, cut_off: true }, "cut at {cut}");
        let error = first_error(&file[..cut]).to_string();
        assert_eq!(error, format!("the session is cut off after {complete} samples"));
    }
}

#[test]
fn a_flipped_bit_costs_its_own_sample_only() {
    let (file, begins) = file(3);
    for at in (begins[1]..begins[2]).step_by(211).chain(begins[1]..begins[1] + 30) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        let (frames, damage) = intact(&damaged);
        assert_eq!(frames, [0, 40], "byte {at}");
        assert_eq!(damage, Damage { samples: 1, cut_off: false }, "byte {at}");
        assert!(first_error(&damaged).to_string().starts_with("sample 1 is damaged: "));
    }
}

#[test]
fn lost_heads_are_counted_by_the_end_record() {
    let (mut file, begins) = file(4);
    file[begins[1]] = 0;
    file[begins[2]] = 0;
    assert_eq!(intact(&file), (vec![0, 60], Damage { samples: 2, cut_off: false }));
}

#[test]
fn a_damaged_end_record_is_a_cut() {
    let (mut file, begins) = file(1);
    file[begins[1] + 5] ^= 1;
    let (frames, damage) = intact(&file);
    assert_eq!(frames, [0]);
    assert!(damage.cut_off);
}

#[test]
fn a_hostile_length_is_refused_before_memory_is_taken() {
    for length in [262_145, u32::MAX] {
        let (mut file, begins) = file(2);
        file[begins[0] + 12..begins[0] + 16].copy_from_slice(&length.to_le_bytes());
        let file = with_head_checksum(file, begins[0]);
        let error = first_error(&file).to_string();
        assert_eq!(error, "sample 0 is damaged: its length is impossible");
        assert_eq!(intact(&file).0, [20]);
    }
}

#[test]
fn a_stream_that_swells_is_refused() {
    let mut bomb = flate2::read::ZlibEncoder::new(
        std::io::repeat(0).take(50_000_000),
        flate2::Compression::best(),
    );
    let mut payload = Vec::new();
    bomb.read_to_end(&mut payload).expect("compresses");
    assert!(payload.len() < 262_144);
    let (mut file, begins) = file(1);
    let mut head = file[begins[0]..begins[0] + 24].to_vec();
    head[12..16].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    head[16..20].copy_from_slice(&crc32fast::hash(&payload).to_le_bytes());
    let record = [with_head_checksum(head, 0), payload].concat();
    file.splice(begins[0]..begins[1], record);
    let error = first_error(&file).to_string();
    assert_eq!(error, "sample 0 is damaged: it has another size or unknown parts");
}

#[test]
fn values_out_of_range_are_not_written() {
    let mut wrong = sample(2);
    wrong.planes.as_mut().expect("planes").indices[77] = 4;
    let mut writer = Writer::new(Vec::new(), &session()).expect("header");
    let error = writer.write(&wrong).expect_err("index 4").to_string();
    assert_eq!(error, "frame 40 cannot be stored: a color index is out of range");
    let mut wrong = sample(2);
    let scene = wrong.planes.as_mut().and_then(|planes| planes.scene.as_mut());
    scene.expect("a scene").objects[5] = 40;
    let error = writer.write(&wrong).expect_err("entry 40").to_string();
    assert_eq!(error, "frame 40 cannot be stored: an object is out of range");
    assert_eq!(writer.samples(), 0);
}

#[test]
fn noise_after_the_header_ends_without_a_sample() {
    let header = Writer::new(Vec::new(), &session()).expect("header").finish().expect("end");
    let mut file = header[..header.len() - 24].to_vec();
    let mut state = 1u32;
    file.extend((0..200_000).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    }));
    assert_eq!(intact(&file), (vec![], Damage { samples: 1, cut_off: true }));
}

#[test]
fn other_files_are_told_apart() {
    let error = Reader::new(&b"\x89PNG\r\n\x1a\n and so on"[..]).expect_err("a picture");
    assert_eq!(error.to_string(), "not a captured session: the magic bytes are missing");
}
