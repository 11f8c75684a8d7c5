//! Pictures as samples.

use std::collections::HashMap;

use openh264::OpenH264API;
use openh264::encoder::{
    Encoder, EncoderConfig, FrameRate, IntraFramePeriod, Profile, QpRange, RateControlMode,
    UsageType, VuiConfig,
};

use super::quiet::silence;
use super::track::Codec;
use super::yuv::Yuv;
use crate::film::{FilmError, FilmSettings, enlarged};

/// What may be lost, in H.264's quantizers: what lies below is hardly seen.
const QP: QpRange = QpRange::new(12, 18);
/// Frames after which one is whole in itself: where a player can jump to.
const GROUP: u32 = 300;

/// An encoder.
pub enum Video {
    H264 { encoder: Box<Encoder>, yuv: Yuv, sps: Vec<u8>, pps: Vec<u8>, size: [u16; 2] },
    Png { size: [u16; 2] },
}

impl Video {
    pub fn h264(settings: &FilmSettings) -> Result<Self, FilmError> {
        let config = EncoderConfig::new()
            .skip_frames(false)
            .max_frame_rate(FrameRate::from_hz(
                crate::TICKS_PER_SECOND as f32 / crate::FRAME_TICKS as f32,
            ))
            .usage_type(UsageType::CameraVideoRealTime)
            .rate_control_mode(RateControlMode::Quality)
            .profile(Profile::High)
            .qp(QP)
            .scene_change_detect(false)
            .adaptive_quantization(false)
            .background_detection(false)
            .intra_frame_period(IntraFramePeriod::from_num_frames(GROUP))
            .vui(VuiConfig::bt709());
        let mut encoder =
            Encoder::with_api_config(OpenH264API::from_source(), config).map_err(failed)?;
        silence(&mut encoder);
        Ok(Self::H264 {
            encoder: Box::new(encoder),
            yuv: Yuv::new(settings),
            sps: Vec::new(),
            pps: Vec::new(),
            size: size(settings),
        })
    }

    pub fn png(settings: &FilmSettings) -> Self {
        Self::Png { size: size(settings) }
    }

    /// How it is encoded, as known after the first picture.
    pub fn codec(&self) -> Codec {
        match self {
            Self::H264 { sps, pps, size: [width, height], .. } => {
                Codec::H264 { width: *width, height: *height, sps: sps.clone(), pps: pps.clone() }
            }
            Self::Png { size: [width, height] } => Codec::Png { width: *width, height: *height },
        }
    }

    /// Appends a picture to `out`. Returns whether it needs no other.
    pub fn encode(
        &mut self,
        picture: &[[u8; 4]],
        settings: &FilmSettings,
        out: &mut Vec<u8>,
    ) -> Result<bool, FilmError> {
        match self {
            Self::H264 { encoder, yuv, sps, pps, .. } => {
                yuv.take(picture, settings);
                let stream = encoder.encode(&*yuv).map_err(failed)?;
                let mut is_key = false;
                for layer in (0..stream.num_layers()).filter_map(|layer| stream.layer(layer)) {
                    for unit in (0..layer.nal_count()).filter_map(|unit| layer.nal_unit(unit)) {
                        let unit = without_start_code(unit);
                        // Types of ISO/IEC 14496-10, table 7-1.
                        match unit.first().map(|header| header & 0x1F) {
                            Some(7) => *sps = unit.to_vec(),
                            Some(8) => *pps = unit.to_vec(),
                            Some(kind) => {
                                is_key |= kind == 5;
                                out.extend_from_slice(&(unit.len() as u32).to_be_bytes());
                                out.extend_from_slice(unit);
                            }
                            None => {}
                        }
                    }
                }
                Ok(is_key)
            }
            Self::Png { size } => {
                write_png(&enlarged(picture, settings), *size, out)?;
                Ok(true)
            }
        }
    }
}

fn size(settings: &FilmSettings) -> [u16; 2] {
    [settings.width, settings.height].map(|side| (side * settings.scale as usize) as u16)
}

fn failed(error: impl std::fmt::Display) -> FilmError {
    FilmError::Encoder(error.to_string())
}

/// A unit of a stream by ISO/IEC 14496-10, annex B.
fn without_start_code(unit: &[u8]) -> &[u8] {
    let zeros = unit.iter().take_while(|&&byte| byte == 0).count();
    match unit.get(zeros) {
        Some(1) if zeros >= 2 => &unit[zeros + 1..],
        _ => unit,
    }
}

/// A picture with its palette, if that has 256 colors or fewer.
pub fn write_png(
    picture: &[[u8; 4]],
    [width, height]: [u16; 2],
    out: &mut Vec<u8>,
) -> Result<(), FilmError> {
    let mut encoder = png::Encoder::new(out, width as u32, height as u32);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels = if let Some((palette, indices)) = indexed(picture) {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette);
        encoder.set_compression(png::Compression::Balanced);
        encoder.set_filter(png::Filter::NoFilter);
        indices
    } else {
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        picture.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect()
    };
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&pixels).map_err(failed)?;
    writer.finish().map_err(failed)
}

/// The colors of a picture, and the place of each pixel's among them. `None` where there are more
/// than 256.
pub fn indexed(picture: &[[u8; 4]]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut places = HashMap::<[u8; 4], u8>::new();
    let (mut palette, mut indices) = (Vec::new(), Vec::with_capacity(picture.len()));
    let mut last = None;
    for &pixel in picture {
        let index = match last {
            Some((color, index)) if color == pixel => index,
            _ => {
                if let Some(&index) = places.get(&pixel) {
                    index
                } else {
                    let index = u8::try_from(places.len()).ok()?;
                    places.insert(pixel, index);
                    palette.extend_from_slice(&pixel[..3]);
                    index
                }
            }
        };
        last = Some((pixel, index));
        indices.push(index);
    }
    Some((palette, indices))
}
