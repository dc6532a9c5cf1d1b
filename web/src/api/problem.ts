import type { FieldError, ProblemBody } from "./types";

/**
 * An answer the server refused with, or a call that never reached it
 * (status 0). `fields` maps the JSON path of an input to what is wrong there.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldError[];

  constructor(body: Partial<ProblemBody>) {
    super(body.detail || body.title || "");
    this.name = "Problem";
    this.status = body.status ?? 0;
    this.code = body.code ?? "";
    this.title = body.title ?? "";
    this.detail = body.detail ?? "";
    this.errors = body.errors ?? [];
  }

  /** Field errors by field name: "body.email" and "email" are both "email". */
  get fields(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const e of this.errors) {
      const name = (e.location ?? "").replace(/^body\./, "");
      if (name && !(name in found)) found[name] = e.message;
    }
    return found;
  }
}

/** The problem behind anything thrown; an unknown failure keeps its words. */
export function problemOf(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  return new Problem({ status: 0, code: "client", detail: cause instanceof Error ? cause.message : String(cause) });
}

/** Reads a problem+json body; a body that is none still gives the status. */
export function problemFrom(body: unknown, status: number, statusText: string): Problem {
  if (body !== null && typeof body === "object" && "title" in body) {
    return new Problem({ status, ...(body as Partial<ProblemBody>) });
  }
  return new Problem({ status, title: statusText, code: "http" });
}
