import createClient, { type Middleware } from "openapi-fetch";
import { Problem, problemFrom } from "./problem";
import type { Job, paths } from "./types";

export const base = "/api/v1";

/** A fresh key; randomUUID exists only on secure origins, so it is spelt out. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

// Every create carries a key, so that a repeat of the same request by the
// browser or a proxy makes one record.
const idempotency: Middleware = {
  onRequest({ request }) {
    if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", newKey());
    }
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: base, credentials: "same-origin" });
api.use(idempotency);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The answer's data, or a thrown Problem. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await askTagged(call)).data;
}

/** As ask, with the record's ETag for a later If-Match. */
export async function askTagged<T>(call: Promise<Answer<T>>): Promise<{ data: T; tag: string }> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Problem({ status: 0, code: "offline" });
  }
  if (!answer.response.ok) {
    throw problemFrom(answer.error, answer.response.status, answer.response.statusText);
  }
  return { data: answer.data as T, tag: answer.response.headers.get("ETag") ?? "" };
}

/** The If-Match header of a record whose version is known. */
export function ifMatch(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}

/** Address of a route for links the browser follows itself (downloads). */
export function address(path: string, query: Record<string, string | string[] | undefined | null> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) for (const one of [value].flat()) if (one) search.append(key, one);
  const text = search.toString();
  return base + path + (text ? `?${text}` : "");
}

export function isRunning(job: Job): boolean {
  return job.state === "queued" || job.state === "running";
}
