//! Declares the commands, so that each is refused unless a capability names it.

fn main() {
    let commands = include_str!("commands.txt").lines().filter(|line| !line.is_empty());
    let commands: &'static [&'static str] = commands.collect::<Vec<_>>().leak();
    let manifest = tauri_build::AppManifest::new().commands(commands);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
