//! Where the console's samples go.

mod quickening;

use std::thread;
use std::time::{Duration, Instant};

use quickening::Quickening;

use super::Speed;
use crate::pacing::Pacer;
use crate::sound::{Demand, Sound};

/// How much longer a frame takes when the sound device is late.
const SOUND_PAUSE: Duration = Duration::from_millis(5);
/// A device that was lost is looked for this often.
const RETRY: Duration = Duration::from_secs(2);

/// The sound device, as long as there is one, and the pace that it sets.
pub struct Output {
    sound: Option<Sound>,
    /// When to look for a device again: only where there was one before.
    retry: Option<Instant>,
    /// In percent.
    pub volume: u8,
    /// Whether fast-forwarding is heard.
    pub is_fast_heard: bool,
    quickening: Quickening,
    pacer: Pacer,
}

impl Output {
    /// The system's sound, if there is any.
    pub fn open(volume: u8, is_fast_heard: bool) -> Self {
        let sound = Sound::open().inspect_err(|err| log::warn!("no sound: {err:#}")).ok();
        Self {
            sound,
            retry: None,
            volume,
            is_fast_heard,
            quickening: Quickening::new(),
            pacer: Pacer::new(Instant::now()),
        }
    }

    /// Begins anew, after a pause or at another speed.
    pub fn restart(&mut self, now: Instant) {
        self.pacer.restart(now);
        self.quickening = Quickening::new();
    }

    /// How often the device found nothing to play; `None` without one.
    pub fn gaps(&self) -> Option<u64> {
        self.sound.as_ref().map(Sound::gaps)
    }

    /// Plays the samples of a frame.
    pub fn play(&mut self, samples: &[[f32; 2]], speed: Speed) {
        self.keep_open();
        let Some(sound) = &mut self.sound else { return };
        // Loudness is heard as the square or so of the amplitude.
        let volume = (self.volume as f32 / 100.0).powi(2);
        let samples = samples.iter().map(|pair| pair.map(|level| level * volume));
        match speed {
            Speed::Normal => sound.play(&samples.collect::<Vec<_>>()),
            Speed::Slow(percent) => sound.play(&stretched(samples, percent)),
            Speed::Fast if self.is_fast_heard => {
                let factor = self.quickening.factor(samples.len(), Instant::now());
                let quick = self.quickening.squeezed(samples, factor * sound.haste());
                sound.play(&quick);
            }
            Speed::Fast | Speed::Paused | Speed::Back => {}
        }
    }

    fn keep_open(&mut self) {
        if self.sound.as_ref().is_some_and(|sound| !sound.is_alive()) {
            log::warn!("the sound output stopped; the game goes on, and it is looked for again");
            self.sound = None;
            self.retry = Some(Instant::now() + RETRY);
        }
        if self.retry.is_some_and(|retry| Instant::now() >= retry) {
            self.sound = Sound::open().ok();
            self.retry = self.sound.is_none().then(|| Instant::now() + RETRY);
        }
    }

    /// Waits until it is time for the next frame after one of so many samples.
    pub fn wait(&mut self, samples: usize, speed: Speed) {
        let samples = match speed {
            Speed::Fast => return,
            Speed::Slow(percent) => samples * 100 / percent.max(1) as usize,
            Speed::Normal | Speed::Paused | Speed::Back => samples,
        };
        let is_played = matches!(speed, Speed::Normal | Speed::Slow(_));
        let sound = self.sound.as_ref().filter(|_| is_played);
        match sound.map_or(Demand::Steady, Sound::demand) {
            Demand::Steady => self.pacer.wait(samples),
            // The clock's count begins again where the sound's own pace overrules it.
            Demand::Hurry => self.pacer.restart(Instant::now()),
            Demand::Wait => {
                thread::sleep(SOUND_PAUSE);
                self.pacer.restart(Instant::now());
                self.pacer.wait(samples);
            }
        }
    }
}

/// As a tape that runs slowly: deeper.
fn stretched(samples: impl Iterator<Item = [f32; 2]>, percent: u8) -> Vec<[f32; 2]> {
    let mut stretched = Vec::new();
    let mut phase = 0;
    let mut last = [0.0; 2];
    for sample in samples {
        while phase < 100 {
            let share = phase as f32 / 100.0;
            stretched.push([0, 1].map(|side| last[side] + (sample[side] - last[side]) * share));
            phase += percent.max(1) as usize;
        }
        phase -= 100;
        last = sample;
    }
    stretched
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretched_sound_takes_as_much_longer() {
        let samples = (0..800).map(|i| [i as f32, 0.0]);
        let slow = stretched(samples, 50);
        assert_eq!(slow.len(), 1600);
        assert_eq!(slow[800..803], [[399.0, 0.0], [399.5, 0.0], [400.0, 0.0]]);
    }
}
