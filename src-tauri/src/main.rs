//! The desktop shell: one window over the desk. What a person does stands in `makegood-desk`; here
//! it only meets the webview.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod demo;
mod window;

use makegood_desk::{Desk, Ground};
use makegood_domain::{Clock, random::Random};
use std::process::ExitCode;
use tauri::Manager;

/// How long an approval can be taken back before it leaves.
const HOLD: chrono::TimeDelta = chrono::TimeDelta::seconds(8);

fn main() -> ExitCode {
    window::steady_renderer();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("MAKEGOOD_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let mut context = tauri::generate_context!();
    if demo::is_asked_for() {
        demo::set_apart(&mut context);
    }
    match application().run(context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error[window]: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Every command that the window may ask for.
macro_rules! commands {
    () => {
        tauri::generate_handler![
            commands::session::session,
            commands::session::start_demo,
            commands::session::connect,
            commands::session::welcome,
            commands::session::sign_in,
            commands::session::sign_in_by_device,
            commands::session::elsewhere,
            commands::session::take_along,
            commands::session::cancel_sign_in,
            commands::session::sign_out,
            commands::session::switch_person,
            commands::session::reset_demo,
            commands::session::set_theme,
            commands::sync::sync_state,
            commands::sync::sync_now,
            commands::sync::nav_counts,
            commands::portfolio::portfolio,
            commands::portfolio::line_detail,
            commands::breach::breach_inbox,
            commands::breach::breach,
            commands::breach::review_breach,
            commands::breach::snooze_breach,
            commands::exclusion::propose_exclusion,
            commands::exclusion::decide_exclusion,
            commands::credit::credits,
            commands::credit::credit,
            commands::credit::credits_selection,
            commands::credit::propose_credit,
            commands::credit::propose_goodwill,
            commands::credit::approve_credits,
            commands::credit::return_credit,
            commands::customer::customers,
            commands::customer::customer,
            commands::customer::search,
            commands::seal::seal,
            commands::seal::choose_seal,
            commands::seal::unlock_seal,
            commands::statement::statement_month,
            commands::statement::statement_preview,
            commands::statement::statement_choices,
            commands::statement::statement_runs,
            commands::statement::issue_statement,
            commands::statement::plan_statement_batch,
            commands::statement::begin_statement_batch,
            commands::statement::statement_batch,
            commands::statement::pause_statement_batch,
            commands::statement::resume_statement_batch,
            commands::statement::cancel_statement_batch,
            commands::statement::retry_statement_batch,
            commands::statement::show_statement_list,
            commands::statement::open_credit_notice,
            commands::statement::verify_file,
            commands::statement::verify_statement,
            commands::statement::open_statement,
            commands::explain::explain,
            commands::outbox::outbox,
            commands::outbox::cancel_commands,
            commands::outbox::retry_command,
            commands::outbox::discard_command,
            commands::audit::audit_log,
            commands::alert::alerts,
            commands::alert::acknowledge_alert,
            commands::contact::put_contact,
            commands::contact::confirm_contact,
            commands::contact::end_contact,
            commands::contact::plan_contacts,
            commands::contact::import_contacts,
            commands::deadline::deadlines,
            commands::deadline::file_claim,
            commands::deadline::claim_log,
            commands::deadline::admit_late_claim,
            commands::deadline::close_deadline,
            commands::delivery::delivery_plan,
            commands::delivery::send_statement,
            commands::delivery::month_sending,
            commands::delivery::send_month,
            commands::delivery::settle_delivery,
            commands::delivery::drop_delivery,
            commands::delivery::add_statement_file,
            commands::delivery::export_statement,
            commands::delivery::record_bounce,
            commands::delivery::record_acknowledgement,
            commands::dispute::answer_dispute,
            commands::mail::mail,
            commands::mail::set_mail,
            commands::draft::authoring,
            commands::draft::terms_template,
            commands::draft::drafts,
            commands::draft::draft,
            commands::draft::draft_past,
            commands::draft::begin_draft,
            commands::draft::change_draft,
            commands::draft::discard_draft,
            commands::draft::propose_draft,
            commands::proposal::proposals,
            commands::proposal::proposal,
            commands::proposal::decide_proposal,
            commands::exclusion::exclusion_effect,
            commands::exclusion::draft_exclusion_effect,
            commands::checklist::checklist,
            commands::checklist::closing_months,
            commands::checklist::lock_windows,
            commands::source::sources,
            commands::person::people,
            commands::person::propose_person,
            commands::person::propose_delegation,
            commands::person::export_access_review,
            commands::message::messages,
            commands::message::resend_message,
            commands::table::table_in_force,
            commands::table::try_table,
            commands::table::take_table,
        ]
    };
}

fn application() -> tauri::Builder<tauri::Wry> {
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| window::show(app)))
        .plugin(tauri_plugin_opener::init())
        .invoke_handler(commands!())
        .setup(set_up)
}

/// Opens the desk, and the window on it.
fn set_up(app: &mut tauri::App) -> Result<(), Box<dyn std::error::Error>> {
    let folder = app.path().app_data_dir()?;
    let ground = Ground { clock: Clock::system(), random: Random::system(), hold: HOLD };
    let desk = Desk::open(&folder, ground).map_err(|problem| problem.message)?.remembering();
    window::follow(app.handle(), desk.subscribe());
    app.manage(demo::Embedded::new(folder.join("fjordline"), app.handle().clone()));
    app.manage(desk);
    match demo::is_asked_for() {
        true => demo::open_at_once(app.handle()),
        false => window::come_back(app.handle()),
    }
    Ok(window::open(app.handle())?)
}
