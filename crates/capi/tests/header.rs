//! The header in the repository is the one that the functions have.
//!
//! `CHROMABOY_WRITE_HEADER=1 cargo test -p capi --test header` writes it anew.

use std::fs;
use std::path::Path;

#[test]
fn the_header_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let sources = ["src/ffi.rs", "src/colorizer.rs"].map(|source| root.join(source));
    let [functions, types] = &sources;
    let builder = cbindgen::Builder::new().with_config(config).with_src(functions).with_src(types);
    let mut made = Vec::new();
    builder.generate().expect("a header").write(&mut made);
    let path = root.join("include/chromaboy_colorizer.h");
    if std::env::var_os("CHROMABOY_WRITE_HEADER").is_some() {
        fs::write(&path, &made).expect("the header can be written");
    }
    let kept = fs::read(&path).expect("the header");
    assert!(
        kept == made,
        "the functions changed: CHROMABOY_WRITE_HEADER=1 cargo test -p capi --test header"
    );
}
