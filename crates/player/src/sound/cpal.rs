//! Core Audio and WASAPI, which are there on every macOS and Windows.

use anyhow::{Result, anyhow, bail};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{OutputCallbackInfo, SampleFormat, StreamConfig};

use super::feed::Feed;

/// A stream to the default output.
pub struct Device {
    rate: u32,
    _stream: cpal::Stream,
}

impl Device {
    /// Plays from `feed` on the default output, at its own rate.
    ///
    /// # Errors
    /// Where there is no output, or it takes no floats.
    pub fn open(mut feed: Feed) -> Result<Self> {
        let output = cpal::default_host()
            .default_output_device()
            .ok_or_else(|| anyhow!("found no sound output"))?;
        let config = output.default_output_config()?;
        if config.sample_format() != SampleFormat::F32 {
            bail!("the sound output takes {} and no 32-bit floats", config.sample_format());
        }
        let config = StreamConfig::from(config);
        let rate = config.sample_rate;
        let channels = config.channels as usize;
        let stream = output.build_output_stream(
            config,
            move |buffer: &mut [f32], _: &OutputCallbackInfo| fill(buffer, channels, &mut feed),
            |err| log::warn!("sound: {err}"),
            None,
        )?;
        stream.play()?;
        Ok(Self { rate, _stream: stream })
    }

    /// Pairs played in a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }
}

/// Left and right go to the first two channels, both to the only one.
fn fill(buffer: &mut [f32], channels: usize, feed: &mut Feed) {
    for frame in buffer.chunks_exact_mut(channels) {
        let [left, right] = feed.next_pair();
        frame.fill(0.0);
        match frame {
            [mono] => *mono = (left + right) / 2.0,
            [first, second, ..] => (*first, *second) = (left, right),
            [] => {}
        }
    }
}
