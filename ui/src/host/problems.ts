/**
 * What is said about a refusal, by its code: never by matching its text. The message that came with
 * it names the thing, the place and the way out, and stands below the title.
 */

import type { Problem } from "./types";

const titles: Record<string, string> = {
  token_missing: "Sign in first",
  token_invalid: "You are signed out",
  role_missing: "Your role does not allow this",
  scope_missing: "This customer is outside your scope",
  token_may_not_approve: "A personal token can’t approve",
  own_proposal: "You proposed or amended this",
  same_approver: "You gave the first approval",
  limit_exceeded: "Above your limit",
  stale: "It has changed since you looked",
  wrong_state: "No longer possible at this stage",
  not_found: "Not found",
  customer_unknown: "Unknown customer",
  invalid: "Something is missing or inconsistent",
  terms_invalid: "The terms are not valid",
  case_invalid: "The calculation file is not valid",
  probe_state_unknown: "The probe log names an unknown state",
  probe_out_of_order: "The probe log is out of order",
  probe_conflict: "The probe log contradicts itself",
  text_invalid: "The text can’t be read",
  too_large: "Too large",
  cursor_gone: "The local copy is being downloaded again",
  scope_changed: "Your scope has changed",
  wire_version: "Update Makegood to continue",
  statement_blocked: "This SLA statement can’t be issued yet",
  central_unreachable: "Your service can’t be reached",
  central_answer: "Your service gave an unexpected answer",
  source_unreachable: "A source can’t be reached",
  source_answer: "A source gave an unexpected answer",
  file: "A file can’t be read or written",
  disk_full: "The disk is full",
  key_password: "Wrong key password",
  key_invalid: "The key can’t be used",
  statement_layout: "The SLA statement could not be laid out",
  verification_failed: "Verification failed",
  database: "The local database reported an error",
  profile_busy: "Another window is using this profile",
  too_many_requests: "Too many requests",
  timed_out: "Your service took too long",
  not_ready: "Your service is not ready",
  internal: "Internal error (our fault)",
  token_expired: "Your session has expired",
  sign_in_unset: "Your service has no identity provider",
  sign_in_invalid: "Sign-in could not be verified",
  sign_in_expired: "Sign in again",
  sign_in_replayed: "This sign-in was already used",
  sign_in_refused: "The sign-in was cancelled",
  person_unknown: "Your service does not know you yet",
  provider_unreachable: "The identity provider can’t be reached",
  provider_answer: "The identity provider gave an unexpected answer",
  busy: "Your service is busy",
  mirror_damaged: "The local copy is damaged and is being downloaded again",
  stamp_unreachable: "Time-stamp service unreachable",
  stamp_answer: "The time stamp is not valid",
  address_unconfirmed: "This address is not confirmed",
  mail_unset: "No mail server is set up",
  mail_unreachable: "The mail server can’t be reached",
  mail_refused: "The mail server refused the message",
};

/** The headline of a problem. */
export function problemTitle(problem: Problem): string {
  return titles[problem.code] ?? "That did not work";
}

/** Anything thrown, as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    return thrown as Problem;
  }
  return { code: "internal", message: thrown instanceof Error ? thrown.message : String(thrown) };
}
