/** A credit that is decided about, as it was seen: in the list, or in the panel beside it. */

import type { CreditRow } from "../host/types";

export type CreditAsked = Pick<CreditRow, "id" | "number" | "customer" | "contract" | "amount" | "version">;
