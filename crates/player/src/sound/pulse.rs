//! `PulseAudio` and `PipeWire`, by their protocol: there is no library to link or to load.

use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use pollster::block_on;
use pulseaudio::protocol::{
    ChannelMap, PlaybackStreamParams, SampleFormat, SampleSpec, stream::BufferAttr,
    stream::StreamFlags,
};
use pulseaudio::{AsPlaybackSource, Client, PlaybackStream};

use super::feed::Feed;

/// Two floats.
const PAIR_BYTES: usize = 8;
/// What the server is to hold: 21 ms.
const BUFFER_PAIRS: u32 = 1024;
/// Bytes of what tells a server who may play.
const COOKIE_BYTES: usize = 256;
/// A server that says nothing for so long is none.
const PATIENCE: Duration = Duration::from_secs(2);

/// A stream to the sound server.
pub struct Device {
    stream: PlaybackStream,
    _client: Client,
}

impl Device {
    /// Connects to the server of this session and plays from `feed`.
    ///
    /// # Errors
    /// Where there is no server, or it wants no stream.
    pub fn open(feed: Feed) -> Result<Self> {
        let path = pulseaudio::socket_path_from_env()
            .ok_or_else(|| anyhow!("found no PulseAudio or PipeWire server"))?;
        let socket = UnixStream::connect(&path)
            .with_context(|| format!("cannot connect to {}", path.display()))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
        let client = Client::new_unix(c"Chromaboy", socket, Some(whole(cookie)))?;
        let source = source(feed).as_playback_source();
        let stream = block_on(client.create_playback_stream(params(), source))?;
        Ok(Self { stream, _client: client })
    }

    /// Pairs played in a second.
    pub fn rate(&self) -> u32 {
        self.stream.sample_spec().sample_rate
    }
}

/// A server that asks nobody for a cookie still wants all bytes of one.
fn whole(cookie: Option<Vec<u8>>) -> Vec<u8> {
    cookie.filter(|cookie| cookie.len() == COOKIE_BYTES).unwrap_or_else(|| vec![0; COOKIE_BYTES])
}

fn source(mut feed: Feed) -> impl FnMut(&mut [u8]) -> usize + Send + 'static {
    move |buffer| {
        let pairs = buffer.as_chunks_mut::<PAIR_BYTES>().0;
        for bytes in pairs.iter_mut() {
            let [left, right] = feed.next_pair();
            bytes[..4].copy_from_slice(&left.to_le_bytes());
            bytes[4..].copy_from_slice(&right.to_le_bytes());
        }
        pairs.len() * PAIR_BYTES
    }
}

/// Servers convert where their own rate is not the console's.
fn params() -> PlaybackStreamParams {
    let buffer = BUFFER_PAIRS * PAIR_BYTES as u32;
    PlaybackStreamParams {
        sample_spec: SampleSpec {
            format: SampleFormat::Float32Le,
            channels: 2,
            sample_rate: gameboy::SAMPLE_RATE,
        },
        channel_map: ChannelMap::stereo(),
        buffer_attr: BufferAttr {
            target_length: buffer,
            minimum_request_length: buffer / 4,
            ..BufferAttr::default()
        },
        flags: StreamFlags { adjust_latency: true, ..StreamFlags::default() },
        ..PlaybackStreamParams::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_has_all_its_bytes() {
        assert_eq!(whole(Some(vec![7; COOKIE_BYTES])), [7; COOKIE_BYTES]);
        for none in [None, Some(Vec::new()), Some(vec![7; 3])] {
            assert_eq!(whole(none), [0; COOKIE_BYTES]);
        }
    }
}
