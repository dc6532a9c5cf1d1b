import { expect, test } from "vitest";
import { scheduleOf } from "./schedule";

test("a turn that is chosen has all it needs, and nothing of the one before", () => {
  const daily = scheduleOf("day", { every: "hand" });
  expect(daily).toEqual({ every: "day", at: "05:00", zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  expect(scheduleOf("week", { ...daily, at: "06:30", zone: "Asia/Taipei" })).toEqual({ every: "week", at: "06:30", zone: "Asia/Taipei", weekday: "monday" });
  expect(scheduleOf("minutes", { every: "hours", number: 2 })).toEqual({ every: "minutes", number: 30 });
  expect(scheduleOf("hours", { every: "hours", number: 6 })).toEqual({ every: "hours", number: 6 });
  expect(scheduleOf("hand", daily)).toEqual({ every: "hand" });
});
