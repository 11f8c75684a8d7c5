use serde::{Deserialize, Serialize};

/// Which console runs the cartridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Model {
    /// The original Game Boy, CPU revisions DMG-CPU A to C.
    Dmg,
    /// The Game Boy Color: what the PPU shows of registers that change in mode 3 is as on CPU
    /// revision CGB-CPU C, the rest as on CGB-CPU E. A cartridge without colour support runs in
    /// the compatibility mode of [Pan Docs, "CGB Registers"](https://gbdev.io/pandocs/CGB_Registers.html).
    Cgb,
}

impl Model {
    /// Whether this console is of the Color family.
    pub fn is_cgb(self) -> bool {
        self == Self::Cgb
    }
}
