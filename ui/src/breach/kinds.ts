/** The kinds of exclusion that terms can name, for a contract whose own list hasn't arrived yet. */
export const exclusionKinds: { kind: string; name: string; clause: string; notice: string }[] = [
  { kind: "planned_maintenance", name: "Planned maintenance", clause: "", notice: "" },
  { kind: "emergency_maintenance", name: "Emergency maintenance", clause: "", notice: "" },
  { kind: "force_majeure", name: "Force majeure", clause: "", notice: "" },
  { kind: "customer_caused", name: "Caused by the customer", clause: "", notice: "" },
  { kind: "third_party", name: "Third party", clause: "", notice: "" },
];
