use std::io::{Cursor, Write};
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

/// A pickle, written instruction by instruction.
#[derive(Clone, Default)]
struct Pickle(Vec<u8>);

impl Pickle {
    fn new() -> Self {
        Self(vec![0x80, 2])
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    fn text(self, text: &str) -> Self {
        self.raw(b"X").raw(&(text.len() as u32).to_le_bytes()).raw(text.as_bytes())
    }

    fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    fn int(self, value: i32) -> Self {
        self.raw(b"J").raw(&value.to_le_bytes())
    }

    fn ints(mut self, values: &[i32]) -> Self {
        self = self.raw(b"(");
        for &value in values {
            self = self.int(value);
        }
        self.raw(b"t")
    }

    fn storage(self, class: &str, key: &str, len: i32) -> Self {
        let described = self.raw(b"(").text("storage").global("torch", class).text(key);
        described.text("cpu").int(len).raw(b"tQ")
    }

    /// A tensor of a storage of its own.
    fn tensor(self, class: &str, key: &str, offset: i32, shape: &[i32], strides: &[i32]) -> Self {
        let len = shape.iter().product();
        let call = self.global("torch._utils", "_rebuild_tensor_v2").raw(b"(");
        let described = call.storage(class, key, len).int(offset).ints(shape).ints(strides);
        described.raw(b"\x89").global("collections", "OrderedDict").raw(b")RtR")
    }

    fn end(self) -> Vec<u8> {
        self.raw(b".").0
    }
}

/// A dictionary with one tensor of 2x3 numbers.
fn one_tensor(class: &str, strides: &[i32]) -> Pickle {
    Pickle::new().raw(b"}").text("conv1.weight").tensor(class, "0", 0, &[2, 3], strides).raw(b"s")
}

fn archive(pickle: Vec<u8>, files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let files = files.iter().map(|(name, bytes)| (*name, bytes.clone()));
    for (name, bytes) in [("data.pkl", pickle)].into_iter().chain(files) {
        zip.start_file(format!("model/{name}"), options).expect("a file in the archive");
        zip.write_all(&bytes).expect("room for it");
    }
    zip.finish().expect("an archive").into_inner()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

const NUMBERS: [f32; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

fn message(bytes: &[u8]) -> String {
    Checkpoint::from_bytes(bytes).expect_err("no checkpoint").to_string()
}

#[test]
fn a_bare_dictionary_of_tensors_is_read() {
    let bytes = archive(one_tensor("FloatStorage", &[3, 1]).end(), &[("data/0", floats(&NUMBERS))]);
    assert!(Checkpoint::is_likely(&bytes));
    let checkpoint = Checkpoint::from_bytes(&bytes).expect("a checkpoint");
    let tensor = &checkpoint.tensors()["conv1.weight"];
    assert_eq!((tensor.shape.as_slice(), tensor.values.as_slice()), (&[2, 3][..], &NUMBERS[..]));
}

#[test]
fn strides_are_followed() {
    let bytes = archive(one_tensor("FloatStorage", &[1, 2]).end(), &[("data/0", floats(&NUMBERS))]);
    let checkpoint = Checkpoint::from_bytes(&bytes).expect("a checkpoint");
    assert_eq!(checkpoint.tensors()["conv1.weight"].values, [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
}

#[test]
fn other_types_become_f32() {
    let double: Vec<u8> = NUMBERS.iter().flat_map(|&value| (value as f64).to_le_bytes()).collect();
    let half: Vec<u8> =
        NUMBERS.iter().flat_map(|&value| half::f16::from_f32(value).to_le_bytes()).collect();
    for (class, numbers) in [("DoubleStorage", double), ("HalfStorage", half)] {
        let bytes = archive(one_tensor(class, &[3, 1]).end(), &[("data/0", numbers)]);
        let checkpoint = Checkpoint::from_bytes(&bytes).expect("a checkpoint");
        assert_eq!(checkpoint.tensors()["conv1.weight"].values, NUMBERS, "{class}");
    }
}

#[test]
fn of_two_names_the_first_counts() {
    let pickle = one_tensor("FloatStorage", &[3, 1]).text("color.0.weight").tensor(
        "FloatStorage",
        "0",
        0,
        &[2, 3],
        &[3, 1],
    );
    let bytes = archive(pickle.raw(b"s").end(), &[("data/0", floats(&NUMBERS))]);
    let checkpoint = Checkpoint::from_bytes(&bytes).expect("a checkpoint");
    assert_eq!(checkpoint.tensors().keys().collect::<Vec<_>>(), ["conv1.weight"]);
}

#[test]
fn what_is_wrong_is_said_in_a_line() {
    let with = |pickle: Pickle| archive(pickle.end(), &[("data/0", floats(&NUMBERS))]);
    assert_eq!(message(b"GIF89a"), "this is no checkpoint of PyTorch");
    let evil = Pickle::new().global("os", "system").text("true").raw(b"\x85R");
    assert_eq!(message(&with(evil)), "the checkpoint asks to call os.system, which is not done");
    let foreign = Pickle::new().raw(b"\x98");
    assert_eq!(message(&with(foreign)), "the checkpoint's pickle has an unknown instruction, 0x98");
    let beyond = Pickle::new().raw(b"}").text("w").tensor("FloatStorage", "0", 1, &[6], &[1]);
    let beyond = with(beyond.raw(b"s"));
    assert_eq!(message(&beyond), "tensor w of the checkpoint lies outside of its storage");
    let empty = Pickle::new().raw(b"}");
    assert_eq!(message(&with(empty)), "the checkpoint holds no dictionary of tensors");
    let short = archive(one_tensor("FloatStorage", &[3, 1]).end(), &[("data/0", vec![0; 20])]);
    assert_eq!(message(&short), "the checkpoint is not complete");
    let complex = with(one_tensor("ComplexFloatStorage", &[3, 1]));
    assert_eq!(message(&complex), "tensor 0 of the checkpoint has type ComplexFloatStorage");
}

/// Each pair of the last object is twice as large as the one before, if it is written out.
#[test]
fn sharing_costs_no_memory() {
    let mut pickle = Pickle::new().raw(b")q\0");
    for _ in 0..200 {
        pickle = pickle.raw(b"h\0h\0\x86q\0");
    }
    assert_eq!(
        message(&archive(pickle.end(), &[])),
        "the checkpoint holds no dictionary of tensors"
    );
}

#[test]
fn safetensors_keep_tensors_and_facts() {
    let pickle = Pickle::new().raw(b"}").text("epoch").int(7).raw(b"s").text("state_dict");
    let dict = pickle.raw(b"}").text("w").tensor("FloatStorage", "0", 0, &[6], &[1]).raw(b"ss");
    let bytes = archive(dict.end(), &[("data/0", floats(&NUMBERS))]);
    let checkpoint = Checkpoint::from_bytes(&bytes).expect("a checkpoint");
    assert_eq!(checkpoint.fact("epoch"), Some(&Fact::Int(7)));
    let file = checkpoint.to_safetensors().expect("a file");
    let (_, header) = safetensors::SafeTensors::read_metadata(&file).expect("its header");
    assert_eq!(header.metadata().as_ref().expect("metadata")["epoch"], "7");
    let tensors = safetensors::SafeTensors::deserialize(&file).expect("its tensors");
    assert_eq!(tensors.tensor("w").expect("w").data(), floats(&NUMBERS));
}

fn checkpoints() -> Option<PathBuf> {
    let folder = std::env::var_os("CHROMABOY_CHECKPOINTS");
    if folder.is_none() {
        println!("skipped: CHROMABOY_CHECKPOINTS does not name the folder of the checkpoints");
    }
    folder.map(PathBuf::from)
}

#[test]
fn the_articles_checkpoint_is_read() {
    let Some(folder) = checkpoints() else { return };
    let bytes = std::fs::read(folder.join("v0-wario-land-3.pth.tar")).expect("the checkpoint");
    let checkpoint = Checkpoint::from_bytes(&bytes).expect("a checkpoint");
    assert_eq!(checkpoint.tensors().len(), 18);
    assert_eq!(checkpoint.fact("epoch"), Some(&Fact::Int(29)));
    assert_eq!(checkpoint.fact("lab_version"), Some(&Fact::Int(1)));
    let Some(Fact::Floats(losses)) = checkpoint.fact("valid_losses") else { panic!("losses") };
    assert_eq!(losses.len(), 30);
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!((best - 0.0100).abs() < 5e-5, "{best}");
}

#[test]
fn both_formats_hold_the_same() {
    let Some(folder) = checkpoints() else { return };
    let [legacy, archive] = ["v1-random.legacy.pth.tar", "v1-random.zip.pth.tar"].map(|name| {
        let bytes = std::fs::read(folder.join(name)).expect("the checkpoint");
        Checkpoint::from_bytes(&bytes).expect("a checkpoint")
    });
    assert_eq!(legacy, archive);
    assert_eq!(legacy.tensors().len(), 24);
}

/// The old format, of one tensor.
fn legacy() -> Vec<u8> {
    let version = Pickle::new().raw(b"M\xE9\x03").end();
    let sizes = Pickle::new().raw(b"}").end();
    let keys = Pickle::new().raw(b"]").text("0").raw(b"a").end();
    let mut bytes = vec![0x80, 2, 0x8A, 10];
    bytes.extend([0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, b'.']);
    for part in [version, sizes, one_tensor("FloatStorage", &[3, 1]).end(), keys] {
        bytes.extend(part);
    }
    bytes.extend(6u64.to_le_bytes());
    bytes.extend(floats(&NUMBERS));
    bytes
}

#[test]
fn the_old_format_is_read() {
    let checkpoint = Checkpoint::from_bytes(&legacy()).expect("a checkpoint");
    assert_eq!(checkpoint.tensors()["conv1.weight"].values, NUMBERS);
}

#[test]
fn every_part_of_the_old_format_must_be_there() {
    let whole = legacy();
    for len in 0..whole.len() {
        Checkpoint::from_bytes(&whole[..len]).expect_err("it was cut off");
    }
}

proptest! {
    /// Damage is an error, or other tensors, but nothing worse.
    #[test]
    fn damage_is_survived(at in 0usize..400, byte: u8) {
        let mut bytes = legacy();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = Checkpoint::from_bytes(&bytes);
    }

    #[test]
    fn instructions_at_random_are_survived(pickle in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Checkpoint::from_bytes(&archive(pickle, &[]));
    }
}
