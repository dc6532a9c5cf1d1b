import { describe, expect, it } from "vitest";
import { known, lost, survivors } from "./lists";

const of = { as_of: "2026-06-30", silent_days: 365, period_days: 365, definition: { silent_months: 12, period_months: 12, early_days: 31, minimum: 30 } };

describe("the lists behind contracts", () => {
  it("name who is known long enough, and who of them is lost", () => {
    expect(known(of).measure).toBe("days_since_first>=365");
    expect(lost(of, { industry: "Toys" })).toMatchObject({ as_of: "2026-06-30", industry: "Toys", measure: "days_since_first>=365|days_since_purchase>=365" });
  });
  it("name a cohort by when it first bought, and its survivors by how long they went on", () => {
    expect(survivors(of, 2, 0).measure).toBe("days_since_first>=1095|days_since_first<1460");
    expect(survivors(of, 2, 2).measure).toBe("days_since_first>=1095|days_since_first<1460|days_first_to_last>=699");
  });
});
