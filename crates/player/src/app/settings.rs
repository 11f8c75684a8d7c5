//! What is set while a game runs: it holds at once, and is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use directories::UserDirs;
use winit::window::Fullscreen;

use super::menu::Setting;
use super::{App, Filter, Scaling, View};
use crate::color::Painter;
use crate::config::{Config, Style};
use crate::emulation::{Command, Event, Teller};
use crate::files;
use crate::input::Bindings;
use crate::remembered;

/// The speeds of slow motion are so many percent apart, and strengths and volumes.
const STEP: i32 = 10;

/// So much more or less, from 0 to 100.
pub fn change_percent(value: &mut u8, by: i32) {
    *value = (*value as i32 + by).clamp(0, 100) as u8;
}

/// The element so many places further, round and round.
fn stepped<T: PartialEq + Clone>(all: &[T], now: &T, steps: isize) -> T {
    let at = all.iter().position(|other| other == now).unwrap_or_default() as isize;
    all[(at + steps).rem_euclid(all.len() as isize) as usize].clone()
}

impl App {
    /// Changes a setting by steps.
    pub(super) fn step(&mut self, setting: Setting, steps: isize) {
        let by = steps as i32 * STEP;
        match setting {
            Setting::View => self.show(self.config.color.view.stepped(steps)),
            Setting::Strength => self.set(|config| {
                // A choice goes round; left and right stop at the ends.
                change_percent(&mut config.color.strength, by);
            }),
            Setting::Palette => {
                let palettes = self.config.palettes().unwrap_or_default();
                let names: Vec<_> = palettes.iter().map(|p| p.name().to_owned()).collect();
                self.set(|config| {
                    config.color.palette = stepped(&names, &config.color.palette, steps);
                });
            }
            Setting::Style => {
                let all = [Style::Auto, Style::Safe, Style::Vivid];
                self.set(|config| config.color.style = stepped(&all, &config.color.style, steps));
                self.load_painter();
            }
            Setting::Correction => self.set(|config| config.color.correction ^= true),
            Setting::Scaling => self.set(|config| {
                config.picture.scaling = stepped(&Scaling::ALL, &config.picture.scaling, steps);
            }),
            Setting::Filter => self.set(|config| {
                config.picture.filter = stepped(&Filter::ALL, &config.picture.filter, steps);
            }),
            Setting::Fullscreen => self.set(|config| config.picture.fullscreen ^= true),
            Setting::ScreenshotScale => self.set(|config| {
                let scale = config.picture.screenshot_scale as isize + steps;
                config.picture.screenshot_scale = scale.clamp(1, 16) as u32;
            }),
            Setting::Volume => self.set(|config| change_percent(&mut config.sound.volume, by)),
            Setting::Mute => self.set(|config| config.sound.mute ^= true),
            Setting::FastSound => self.set(|config| config.sound.fast_forward ^= true),
            Setting::RunAhead => self.set(|config| {
                config.play.run_ahead = stepped(&[0, 1, 2], &config.play.run_ahead, steps);
            }),
            Setting::SlowMotion => self.set(|config| {
                let percent = config.play.slow_motion as i32 + by;
                config.play.slow_motion = percent.clamp(10, 90) as u8;
            }),
            Setting::PauseUnfocused => self.set(|config| config.play.pause_unfocused ^= true),
            Setting::Resume => self.set(|config| config.play.resume ^= true),
        }
    }

    pub(super) fn show(&mut self, view: View) {
        self.fit(|app| app.set(|config| config.color.view = view));
    }

    /// Changes settings, does what follows from that, and keeps them: colors for the game, all else
    /// in the configuration.
    pub(super) fn set(&mut self, change: impl FnOnce(&mut Config)) {
        let before = self.config.clone();
        change(&mut self.config);
        if before.color != self.config.color {
            self.playing.kept_color.follow(&before.color, &self.config.color);
            remembered::keep_color(&self.playing.name, &self.playing.kept_color);
        }
        self.keep(&before);
        self.follow(&before);
        self.redraw();
    }

    /// Keeps all but the colors in the configuration.
    fn keep(&mut self, before: &Config) {
        let after = Config { color: before.color.clone(), ..self.config.clone() };
        if *before != after
            && let Err(err) = self.config_file.change(before, &after)
        {
            self.say(format!("{err:#}"));
        }
    }

    fn follow(&mut self, before: &Config) {
        if self.config.color.correction != before.color.correction && self.playing.has_own_colors {
            self.follow_in_film();
        }
        let Config { color, picture, sound, play, .. } = &self.config;
        if (color.palette != before.color.palette)
            && let Ok(palette) = self.config.palette(&color.palette)
        {
            self.emulation.tell(Command::Palette(palette));
        }
        if color.strength != before.color.strength {
            self.emulation.tell(Command::FilmStrength(color.strength));
        }
        if color.correction != before.color.correction {
            self.emulation.tell(Command::Correct(color.correction));
        }
        if *sound != before.sound {
            let volume = if sound.mute { 0 } else { sound.volume };
            self.emulation.tell(Command::Volume(volume));
            self.emulation.tell(Command::FastSound(sound.fast_forward));
            if sound.fast_forward == before.sound.fast_forward {
                let said =
                    if sound.mute { "sound off".to_owned() } else { format!("volume {volume} %") };
                self.messages.say(said);
            }
        }
        if play.run_ahead != before.play.run_ahead {
            self.emulation.tell(Command::RunAhead(play.run_ahead));
        }
        if picture.fullscreen != before.picture.fullscreen
            && let Some(screen) = &self.screen
        {
            let fullscreen = picture.fullscreen.then_some(Fullscreen::Borderless(None));
            screen.window.set_fullscreen(fullscreen);
        }
    }

    /// Binds keys and buttons anew.
    pub(super) fn bind(&mut self, change: impl FnOnce(&mut Bindings)) {
        change(&mut self.bindings);
        let [keys, pad] = self.bindings.changed();
        self.set(|config| (config.keys, config.pad) = (keys, pad));
    }

    /// Colors by the weights of that place in the list.
    pub(super) fn choose_weights(&mut self, place: usize) {
        let Some(choice) = self.weights.get(place) else { return };
        let setting = choice.setting();
        self.set(|config| config.color.weights = setting);
        self.load_painter();
    }

    /// Loads what paints, on a thread of its own.
    fn load_painter(&mut self) {
        let painters = Arc::clone(&self.playing.painters);
        let color = self.config.color.clone();
        let teller = Teller::new(self.events.clone(), self.number);
        std::thread::spawn(move || {
            let painter = painters(&color).map(|(painter, name)| (Box::new(painter), name));
            teller.tell(Event::Painter(painter))
        });
    }

    /// What paints has been loaded, or could not be.
    pub(super) fn paint_by(&mut self, loaded: Result<(Box<Painter>, String)>) {
        match loaded {
            Ok((painter, name)) => {
                self.title.set_painter(name.clone());
                self.say(name.clone());
                self.playing.painter = name;
                self.emulation.tell(Command::Paint(painter));
                self.follow_in_film();
            }
            Err(err) => self.say(format!("{err:#}")),
        }
    }

    /// Writes what is shown, without what is written over it.
    pub(super) fn take_screenshot(&mut self) {
        let scale = self.config.picture.screenshot_scale as usize;
        let picture = self.game_picture().enlarged(scale);
        let pictures = || Some(UserDirs::new()?.picture_dir()?.join("Chromaboy"));
        let folder = self.config.picture.screenshots.clone();
        let folder = folder.or_else(pictures).or_else(|| files::data_folder("screenshots"));
        let (name, teller) = (self.playing.shown.clone(), Teller::new(self.events.clone(), 0));
        std::thread::spawn(move || {
            let folder = folder.context("no folder for screenshots");
            let path = folder.and_then(|folder| unused_name(&folder, &name, "png"));
            let written = path.and_then(|path| {
                picture.write_png(&path)?;
                Ok(path)
            });
            teller.tell(Event::Message(match written {
                Ok(path) => format!("{}", path.file_name().unwrap_or_default().to_string_lossy()),
                Err(err) => format!("{err:#}"),
            }))
        });
    }
}

/// The first `GAME-1.png`, or whatever the extension is, that there is not.
pub(super) fn unused_name(folder: &Path, game: &str, extension: &str) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let game = game.replace(['/', '\\', ':', '%'], "-");
    let mut names = (1_u32..).map(|number| folder.join(format!("{game}-{number}.{extension}")));
    names.find(|path| !path.exists()).context("no name is left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_round_and_percents_do_not() {
        assert_eq!(stepped(&["a", "b", "c"], &"c", 1), "a");
        assert_eq!(stepped(&["a", "b", "c"], &"a", -1), "c");
        assert_eq!(stepped(&["a", "b", "c"], &"z", 1), "b", "what is gone counts as the first");
        let mut percent = 95;
        change_percent(&mut percent, 10);
        assert_eq!(percent, 100);
    }

    #[test]
    fn screenshots_do_not_overwrite_each_other() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let name = || unused_name(folder.path(), "A/B", "png").expect("a name");
        assert_eq!(name(), folder.path().join("A-B-1.png"));
        fs::write(name(), "").expect("written");
        assert_eq!(name(), folder.path().join("A-B-2.png"));
    }
}
