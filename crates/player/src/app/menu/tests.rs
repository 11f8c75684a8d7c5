use std::time::SystemTime;

use gameboy::{HEIGHT, PIXELS, WIDTH};

use super::*;
use crate::embedded;
use crate::input::BINDINGS;

/// What a menu may be about.
struct Things {
    config: Config,
    bindings: Bindings,
    slots: Vec<(Slot, Option<Saved>)>,
    weights: Vec<WeightsChoice>,
    recent: Vec<PathBuf>,
}

impl Things {
    fn new() -> Self {
        let thumbnail = Picture::new(WIDTH, HEIGHT, vec![[200; 4]; PIXELS]);
        let saved = Saved { time: SystemTime::now(), thumbnail };
        Self {
            config: Config::default(),
            bindings: Bindings::default(),
            slots: vec![
                (Slot::Number(0), None),
                (Slot::Number(1), Some(saved.clone())),
                (Slot::Auto, Some(saved)),
            ],
            weights: vec![WeightsChoice::BuiltIn(embedded::Weights::V1)],
            recent: vec!["games/of a very long name that does not fit in a line.gb".into()],
        }
    }

    fn about(&self) -> About<'_> {
        About {
            game: "GAME",
            config: &self.config,
            bindings: &self.bindings,
            slots: &self.slots,
            weights: &self.weights,
            recent: &self.recent,
            painter: "V3 on CPU, 1 thread, f32",
            renderer: "processor".to_owned(),
            rewind: [60.0, 12.0],
            has_own_colors: false,
            recorder: String::new(),
        }
    }
}

/// Marks the line of this label on the page that is shown.
fn mark(menu: &mut Menu, things: &Things, label: &str) {
    let items = pages::items(menu.page(), &things.about());
    let line = items.iter().position(|item| item.label.contains(label)).expect(label);
    for _ in 0..items.len() {
        if menu.path.last().expect("a page").1 == line {
            return;
        }
        assert_eq!(menu.press(Press::Down, &things.about()), None);
    }
    panic!("{label} cannot be marked");
}

fn choose(menu: &mut Menu, things: &Things, label: &str) -> Option<Wish> {
    mark(menu, things, label);
    menu.press(Press::Choose, &things.about())
}

#[test]
fn every_page_is_reached_and_left() {
    let things = Things::new();
    let mut menu = Menu::new(Page::Main);
    for label in ["Save state", "Load state", "Open a game", "Color", "Picture", "Sound", "Play"] {
        assert_eq!(choose(&mut menu, &things, label), None);
        assert_ne!(menu.page(), Page::Main, "{label}");
        assert_eq!(menu.press(Press::Back, &things.about()), None);
    }
    assert_eq!(menu.press(Press::Back, &things.about()), Some(Wish::Close));
}

#[test]
fn settings_go_left_and_right() {
    let things = Things::new();
    let mut menu = Menu::new(Page::Color);
    mark(&mut menu, &things, "Strength");
    let less = menu.press(Press::Left, &things.about());
    assert_eq!(less, Some(Wish::Step(Setting::Strength, -1)));
    assert_eq!(choose(&mut menu, &things, "Weights"), None);
    assert_eq!(choose(&mut menu, &things, "V1"), Some(Wish::Weights(0)));
}

#[test]
fn only_what_is_there_is_loaded_and_the_last_session_is_not_overwritten() {
    let things = Things::new();
    let can_be = |page| {
        let items = pages::items(page, &things.about());
        items.iter().map(Item::can_be_marked).collect::<Vec<_>>()
    };
    assert_eq!(can_be(Page::Load), [false, true, true]);
    assert_eq!(can_be(Page::Save), [true, true, false]);
    let mut menu = Menu::new(Page::Main);
    assert_eq!(choose(&mut menu, &things, "Load state"), None);
    let loaded = menu.press(Press::Choose, &things.about());
    assert_eq!(loaded, Some(Wish::Load(Slot::Number(1))), "the first that can be is marked");
}

#[test]
fn a_key_is_bound_and_escape_leaves_it() {
    let things = Things::new();
    let mut menu = Menu::new(Page::Controls);
    mark(&mut menu, &things, "pause");
    let row = menu.path[0].1;
    assert_eq!(BINDINGS[row].name, "pause");
    assert_eq!(menu.press_key(KeyCode::Enter, &things.about()), None);
    assert_eq!(menu.page(), Page::Bind(row));
    let bound = menu.press_key(KeyCode::Enter, &things.about());
    assert_eq!(bound, Some(Wish::BindKey(row, KeyCode::Enter)));
    menu.press_key(KeyCode::Enter, &things.about());
    assert_eq!(menu.press_key(KeyCode::Escape, &things.about()), None);
    assert_eq!(menu.page(), Page::Controls);
    menu.press_pad(PadButton::East, &things.about());
    let bound = menu.press_pad(PadButton::West, &things.about());
    assert_eq!(bound, Some(Wish::BindPad(row, PadButton::West)));
    let unbound = menu.press_key(KeyCode::Delete, &things.about());
    assert_eq!(unbound, Some(Wish::Unbind(row)));
}

#[test]
fn the_mouse_chooses_the_line_it_is_on() {
    let things = Things::new();
    let mut menu = Menu::new(Page::Main);
    let wish = menu.click([80, 18 + 9 * 9 + 3], &things.about());
    assert_eq!(wish, Some(Wish::Do(Action::Reset)));
    assert_eq!(menu.click([80, 3], &things.about()), None);
}

#[test]
fn every_page_is_drawn_over_pictures_of_any_size() {
    let things = Things::new();
    let pages = [
        Page::Main,
        Page::Save,
        Page::Load,
        Page::Open,
        Page::Color,
        Page::Weights,
        Page::Picture,
        Page::Sound,
        Page::Play,
        Page::Controls,
        Page::Bind(0),
        Page::About,
        Page::Welcome,
    ];
    for page in pages {
        for [width, height] in [[WIDTH, HEIGHT], [2 * WIDTH, HEIGHT], [424, 264]] {
            let blank = Picture::new(width, height, vec![[90; 4]; width * height]);
            let mut picture = blank.clone();
            Menu::new(page).draw(&mut picture, &things.about());
            let drawn = picture.pixels().iter().filter(|pixel| pixel[0] > 0x90).count();
            assert!(drawn > 100, "{page:?}: {drawn} pixels");
        }
    }
}
