//! The desktop shell: one window over the desk. What a person does stands in `makegood-desk`; here
//! it only meets the webview.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    window::steady_renderer();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("MAKEGOOD_LOG"))
        .with_writer(std::io::stderr)
        .init();
    match tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| window::show(app)))
        .setup(|app| Ok(window::open(app.handle())?))
        .run(tauri::generate_context!())
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error[window]: {error}");
            ExitCode::FAILURE
        }
    }
}
