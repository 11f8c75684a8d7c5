//! A film in a browser, which has nothing but what everybody's has: Chromium, without a window.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// The page tells how far the film is. It counts as loaded once `/wait` has answered, which is when
/// Chromium looks at it.
const PAGE: &str = r##"<!doctype html>
<body style="margin: 0"><video src="/film.mp4" autoplay muted></video>
<p id="said"></p><img src="/wait">
<script>
  const video = document.querySelector("video"), said = document.querySelector("#said");
  setInterval(() => said.textContent = video.error ? video.error.message :
    `${video.currentTime} of ${video.duration} s, ${video.videoWidth}x${video.videoHeight}`, 50);
</script>"##;

/// Answers one request.
fn answer(mut stream: TcpStream, film: &[u8]) {
    let mut request = String::new();
    let mut reader = BufReader::new(stream.try_clone().expect("the connection"));
    reader.read_line(&mut request).expect("a request");
    let mut header = String::from("-");
    while !header.trim().is_empty() {
        header.clear();
        reader.read_line(&mut header).expect("a header");
    }
    let (kind, body) = match request.split(' ').nth(1) {
        Some("/") => ("text/html", PAGE.as_bytes()),
        Some("/film.mp4") => ("video/mp4", film),
        Some("/wait") => {
            thread::sleep(Duration::from_secs(6));
            ("image/png", &b""[..])
        }
        _ => ("text/plain", &b""[..]),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A browser that has seen enough hangs up.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// What Chromium says of a page.
fn chromium(address: &str, profile: &Path, ask: &str) -> Vec<u8> {
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--window-size=640,700"]);
    chromium.arg("--autoplay-policy=no-user-gesture-required");
    chromium.arg(format!("--user-data-dir={}", profile.display()));
    chromium.args([ask, address]).env("HOME", profile);
    chromium.output().expect("Chromium").stdout
}

#[test]
fn a_film_plays_in_a_browser() {
    let is_there = Command::new("chromium").arg("--version").output().is_ok();
    assert!(is_there || std::env::var_os("CI").is_none(), "no chromium on the path");
    if !is_there {
        return eprintln!("skipped: no chromium on the path");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let film = folder.path().join("film.mp4");
    let recorded = Command::new(env!("CARGO_BIN_EXE_chromaboy"))
        .args(["record", "--frames", "900", "-o"])
        .arg(&film)
        .env("XDG_DATA_HOME", folder.path())
        .output()
        .expect("the program");
    assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));

    let film = std::fs::read(film).expect("the film");
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/", server.local_addr().expect("its address"));
    thread::spawn(move || {
        for stream in server.incoming().flatten() {
            let film = film.clone();
            thread::spawn(move || answer(stream, &film));
        }
    });

    let page = chromium(&address, folder.path(), "--dump-dom");
    let page = String::from_utf8_lossy(&page);
    let said = page.split("id=\"said\">").nth(1).unwrap_or(&page);
    let played: f64 = said.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0.0);
    assert!(played > 1.0 && said.contains("of 15.0") && said.contains("640x576"), "{said}");

    let shot = folder.path().join("shot.png");
    chromium(&address, folder.path(), &format!("--screenshot={}", shot.display()));
    let shot = image::open(&shot).expect("a screenshot").into_rgb8();
    let picture = image::imageops::crop_imm(&shot, 0, 0, 640, 576).to_image();
    let colored = picture.pixels().filter(|p| p.0.iter().any(|c| c.abs_diff(p.0[0]) > 24)).count();
    assert!(colored > 640 * 576 / 4, "{colored} pixels have a color");
}
