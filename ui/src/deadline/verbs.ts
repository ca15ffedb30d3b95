/** What a person may do about a deadline. */
export type DeadlineVerb = "file" | "admit" | "close";
