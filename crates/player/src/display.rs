//! Whether there is a display to open a window on.

use anyhow::Result;

/// Checks for what winit would fail over without a word of advice, or panic.
///
/// # Errors
/// In one line, what is missing and what to do.
#[cfg(target_os = "linux")]
pub fn check() -> Result<()> {
    use anyhow::bail;

    if is_set("WAYLAND_DISPLAY") || is_set("WAYLAND_SOCKET") {
        return check_library(xkbcommon_dl::xkbcommon_option().is_some(), "libxkbcommon0");
    }
    if !is_set("DISPLAY") {
        bail!("no display: set DISPLAY or WAYLAND_DISPLAY, or use `chromaboy colorize`");
    }
    check_library(xkbcommon_dl::xkbcommon_option().is_some(), "libxkbcommon0")?;
    check_library(xkbcommon_dl::x11::xkbcommon_x11_option().is_some(), "libxkbcommon-x11-0")
}

/// Other systems always have one.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn check() -> Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

#[cfg(target_os = "linux")]
fn check_library(is_there: bool, package: &str) -> Result<()> {
    anyhow::ensure!(
        is_there,
        "no window without a library for the keyboard: install {package} (or what your system \
         calls it), or use `chromaboy colorize`"
    );
    Ok(())
}
