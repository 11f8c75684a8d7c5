//! What the machine does for films and movies.

use colorizer::cell_color::CellPainter;
use gameboy::Buttons;
use recorder::movie::Step;

use super::Machine;
use crate::emulation::Event;
use crate::recording::{MovieRecording, Pace, Recording, Shoot};

impl Machine {
    /// Begins what the command line asks for.
    pub(super) fn begin_recording(&mut self) {
        if let Some(movie) = self.begin.playback.take() {
            match movie.start() {
                Ok(start) => {
                    let start = start.map_or(Step::Reset, Step::Load);
                    match start.take(&mut self.gb) {
                        Ok(()) => self.playback = Some(movie.into_steps()),
                        Err(err) => self.say(err.to_string()),
                    }
                }
                Err(err) => self.say(err.to_string()),
            }
        }
        if let Some(path) = self.begin.movie.take() {
            match MovieRecording::start(&path, &self.gb, self.begin.file.as_deref()) {
                Ok(movie) => self.movie = Some(movie),
                Err(err) => self.say(format!("{err:#}")),
            }
        }
        if let Some(shoot) = self.begin.film.take() {
            self.begin_film(shoot);
        }
    }

    /// Completes what is being recorded.
    pub(super) fn finish_recording(&mut self) {
        self.end_film();
        for film in self.finishing.drain(..) {
            film.finish();
        }
        if let Some(Err(err)) = self.movie.take().map(MovieRecording::finish) {
            log::error!("{err:#}");
        }
    }

    /// The buttons of the next frame: the movie's, while one plays.
    pub(super) fn next_held(&mut self) -> Buttons {
        while let Some(playback) = &mut self.playback {
            match playback.next() {
                Some(Ok(Step::Frame(held))) => return held,
                Some(Ok(step)) => {
                    if let Err(err) = step.take(&mut self.gb) {
                        self.say(err.to_string());
                    }
                    self.leap();
                }
                Some(Err(err)) => {
                    self.playback = None;
                    self.say(err.to_string());
                }
                None => {
                    self.playback = None;
                    self.say("the movie is over: the game is yours".to_owned());
                }
            }
        }
        self.buttons()
    }

    /// Something was done with the console.
    pub(super) fn record(&mut self, step: Step) {
        if let Some(movie) = &mut self.movie {
            movie.step(step.clone(), &self.gb);
        }
        if let Some(film) = &mut self.film {
            film.step(step);
        }
    }

    /// The console is somewhere else in time.
    pub(super) fn leap(&mut self) {
        self.has_leapt = true;
        self.past.clear();
    }

    /// Begins a film, in place of one that is being made.
    pub(super) fn begin_film(&mut self, shoot: Shoot) {
        self.end_film();
        let name = shoot.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let cells = self.painter.cells().clone();
        match self.recording(shoot, cells) {
            Ok(film) => {
                self.film = Some(film);
                self.say(format!("recording {name}"));
            }
            Err(err) => self.say(format!("{err:#}")),
        }
    }

    fn recording(&mut self, shoot: Shoot, cells: CellPainter) -> anyhow::Result<Recording> {
        let (palette, pins) = (self.palette, self.choices.pins());
        Recording::start(shoot, &self.gb, palette, cells, pins, self.teller.clone())
    }

    /// Ends the film; it is completed in the background.
    pub(super) fn end_film(&mut self) {
        if let Some(mut film) = self.film.take() {
            film.stop();
            self.finishing.push(film);
        }
    }

    /// Makes a film of the latest seconds.
    pub(super) fn make_clip(&mut self, shoot: Shoot) {
        let Some((state, steps, skipped)) = self.past.clip() else {
            return self.say("there is nothing to make a clip of yet".to_owned());
        };
        let mut console = self.gb.clone();
        let mut steps = steps.into_iter();
        let mut left = skipped;
        let begun = Step::Load(state).take(&mut console).and_then(|()| {
            // The console alone runs much faster than a film is made.
            while left > 0
                && let Some(step) = steps.next()
            {
                left -= matches!(step, Step::Frame(_)) as u32;
                step.take(&mut console)?;
            }
            Ok(())
        });
        if let Err(err) = begun {
            return self.say(err.to_string());
        }
        let cells = self.painter.cells().clone();
        let (palette, pins) = (self.palette, self.choices.pins());
        match Recording::start(shoot, &console, palette, cells, pins, self.teller.clone()) {
            Ok(mut clip) => {
                steps.for_each(|step| clip.step(step));
                clip.stop();
                self.finishing.push(clip);
                self.say("making a clip".to_owned());
            }
            Err(err) => self.say(format!("{err:#}")),
        }
    }

    /// How far films are that are completed in the background.
    pub(super) fn finishing(&mut self) -> Option<Pace> {
        self.finishing.retain(|film| !film.is_over());
        let paces = self.finishing.iter().map(Recording::pace);
        paces.reduce(|x, y| Pace {
            frames: x.frames + y.frames,
            done: x.done + y.done,
            bytes: x.bytes + y.bytes,
        })
    }

    fn say(&self, message: String) {
        self.teller.tell(Event::Message(message));
    }
}
