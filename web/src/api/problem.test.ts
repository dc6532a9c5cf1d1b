import { expect, it } from "vitest";
import { Problem, problemFrom, problemOf } from "./problem";

it("puts field errors at their fields", () => {
  const p = new Problem({ status: 422, errors: [{ location: "body.email", message: "no" }, { location: "name", message: "empty" }, { location: "name", message: "second" }] });
  expect(p.fields).toEqual({ email: "no", name: "empty" });
});
it("keeps the status of an answer that is no problem+json", () => {
  expect(problemFrom("<html>", 502, "Bad Gateway")).toMatchObject({ status: 502, title: "Bad Gateway" });
});
it("keeps the words of an unexpected failure", () => expect(problemOf(new TypeError("x is y")).detail).toBe("x is y"));
