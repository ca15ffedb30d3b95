import type { NavCounts } from "../host/types";
import type { IconName } from "../parts/icons";

/** The screens, in the order of the rail; `key` follows G. */
export type Place = {
  screen: string;
  name: string;
  icon: IconName;
  key: string;
  count?: keyof NavCounts;
  /** Who may not do this sees no such place. */
  permission?: string;
  below?: boolean;
};

export const places: Place[] = [
  { screen: "portfolio", name: "Portfolio", icon: "portfolio", key: "g p" },
  { screen: "alerts", name: "Alerts", icon: "alert", key: "g l", count: "alerts" },
  { screen: "breaches", name: "Breach inbox", icon: "breach", key: "g b", count: "breachInbox" },
  { screen: "credits", name: "Credits", icon: "credit", key: "g c", count: "credits" },
  { screen: "deadlines", name: "Deadlines", icon: "deadline", key: "g d", count: "deadlines" },
  { screen: "customers", name: "Customers", icon: "customer", key: "g u" },
  { screen: "statements", name: "Statements", icon: "statement", key: "g s" },
  { screen: "checklist", name: "Month end", icon: "check", key: "g e" },
  { screen: "contracts", name: "Contracts", icon: "contract", key: "g n", permission: "import" },
  { screen: "outbox", name: "Outbox", icon: "outbox", key: "g o", count: "outbox", below: true },
  { screen: "audit", name: "Audit log", icon: "audit", key: "g a", below: true },
  { screen: "settings", name: "Settings", icon: "settings", key: "g t", below: true },
];

/** The screens that somebody has. */
export function placesFor(may: (permission: string) => boolean): Place[] {
  return places.filter((place) => place.permission === undefined || may(place.permission));
}

/** Where a role begins its day. */
export function home(role: string | undefined): string {
  if (role === "finance" || role === "controller") return "credits";
  if (role === "account_manager") return "statements";
  return "portfolio";
}
