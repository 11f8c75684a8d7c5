//! The subcommands of the `chromaboy` program that collect data and train.

mod dataset;
mod evaluate;
mod train;

pub use self::dataset::DatasetArgs;
pub use self::evaluate::EvaluateArgs;
pub use self::train::{Bar, TrainArgs, stop_on_interrupt};
