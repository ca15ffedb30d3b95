import type { StatementDelivery, StatementMonth } from "../host/types";

/** One word for a list. */
export const delivered: Record<StatementDelivery["state"], string> = {
  none: "Not sent",
  waiting: "On its way",
  held: "Held",
  perhaps: "Possibly sent",
  sent: "Sent",
  failed: "Failed",
  bounced: "Bounced",
  accepted: "Accepted",
  disputed: "Disputed",
};

/** The same of a customer in the month's run; what is on its way here its own page shows. */
export function sentOf(row: StatementMonth["rows"][number]): string {
  if (row.state !== "sealed") return "–";
  return delivered[(row.delivery ?? "none") as StatementDelivery["state"]];
}
