/** Line icons, 16 × 16, stroke 1.5: path data by name. */
export const icons = {
  portfolio: "M2 4h12M2 8h7M2 12h10",
  breach: "M2 9.5 4 3.5h8l2 6v3.2H2zM2 9.5h3.4l1 1.6h3.2l1-1.6H14",
  credit: "M1.8 4h12.4v8H1.8zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M4 8h.01M12 8h.01",
  customer: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8M3 13.6c.6-2.4 2.6-3.6 5-3.6s4.4 1.2 5 3.6",
  statement: "M3.5 1.8h5.7l3.3 3.3v9.1h-9zM9 2v3.3h3.3M5.8 8.3h4.4M5.8 11h4.4",
  contract: "M3.5 1.8h9v12.4h-9zM5.8 5h4.4M5.8 7.8h4.4M5.6 11.2c1-1.4 1.8-1.4 2.2 0 .5.8 1.4.6 2.4-.4",
  outbox: "M8 10.3V2.2M5 5l3-2.9L11 5M2.2 10v3.8h11.6V10",
  audit: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.8V8l2 1.6",
  settings: "M2 4.8h7M12.5 4.8H14M2 11.2h1.5M7 11.2h7M10.7 3v3.6M5.2 9.4V13",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.4 10.4 14 14",
  down: "m4.5 6.5 3.5 3.5 3.5-3.5",
  play: "M4 2.5v11l9-5.5z",
  plug: "M5.5 1.5v3.5M10.5 1.5v3.5M3.5 5h9v2.5a4.5 4.5 0 0 1-9 0zM8 12v2.7",
  check: "m3 8.3 3.3 3.3L13 4.8",
  no: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M4 12 12 4",
  close: "m4 4 8 8M12 4l-8 8",
  reset: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
  verify: "M8 1.8 3 3.6v4c0 3.2 2 5.5 5 6.6 3-1.1 5-3.4 5-6.6v-4zM5.7 7.9l1.7 1.7 3-3.2",
  left: "M9.5 4 6 8l3.5 4",
  right: "M6.5 4 10 8l-3.5 4",
} as const;
export type IconName = keyof typeof icons;
