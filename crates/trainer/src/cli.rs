//! The subcommands of the `chromaboy` program that collect data and train.

mod dataset;

pub use self::dataset::DatasetArgs;
