import { address, api, ask, newKey } from "./client";
import { Problem, problemFrom, problemOf } from "./problem";
import type { StoredFile } from "./types";

/** How an upload speaks to the server; tests give another. */
export type Wire = {
  /** Begins an upload and returns its id. */
  begin(name: string, size: number, key: string): Promise<string>;
  /** How many bytes have arrived. */
  offset(id: string): Promise<number>;
  /** Sends a piece that begins at offset; `sent` gets how much of it is on its way. */
  append(id: string, offset: number, piece: Blob, sent: (bytes: number) => void, signal?: AbortSignal): Promise<void>;
  finish(id: string): Promise<StoredFile>;
  drop(id: string): Promise<void>;
  /** Resolves after that many milliseconds, or sooner when the network is back. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

export const pieceSize = 8 << 20;
/** How often it is tried again without a byte more arriving: about five minutes. */
const patience = 12;
const longestWait = 30_000;

/** Whether trying again may help: no answer, a server that is starting or a proxy without one. */
function passing(problem: Problem): boolean {
  return [0, 408, 429, 502, 503, 504].includes(problem.status) && problem.code !== "upload.too_many";
}

type Progress = (part: number, waiting: boolean) => void;

/**
 * Uploads a file in pieces and goes on where it was after anything that broke
 * it off: a network that is gone, a server that was started again, or a page
 * that was closed (known again by name, size and date). `progress` gets 0…1.
 */
export async function upload(file: File, progress: Progress, signal?: AbortSignal, wire: Wire = http): Promise<StoredFile> {
  const mark = `upload ${file.name} ${file.size} ${file.lastModified}`;
  const key = newKey();
  let id = memory.get(mark);
  let failures = 0;
  let at = -1; // not known
  let arrived = 0; // as far as is known
  for (;;) {
    signal?.throwIfAborted();
    try {
      if (!id) {
        id = await wire.begin(file.name, file.size, key);
        memory.set(mark, id);
        at = 0;
      }
      if (at < 0) at = await wire.offset(id);
      arrived = at;
      while (at < file.size) {
        signal?.throwIfAborted();
        const from = at;
        const piece = file.slice(from, from + pieceSize);
        progress(from / file.size, false);
        await wire.append(id, from, piece, (bytes) => progress((from + bytes) / file.size, false), signal);
        arrived = at = from + piece.size;
        failures = 0;
      }
      const stored = await wire.finish(id);
      memory.forget(mark);
      return stored;
    } catch (cause) {
      if (signal?.aborted) {
        memory.forget(mark);
        if (id) void wire.drop(id).catch(() => undefined); // it goes by itself after a day
        throw cause;
      }
      const problem = problemOf(cause);
      const known = at;
      at = -1;
      if (problem.code === "upload.not_found" && memory.get(mark)) {
        memory.forget(mark); // it had gone; the next begin is a new one
        id = undefined;
        if (known >= 0) throw problem;
        continue;
      }
      if (problem.status === 422) memory.forget(mark);
      const goOn = problem.status === 409 || problem.code === "upload.broken_off";
      if (!(goOn || passing(problem)) || ++failures > patience) throw problem;
      progress(arrived / Math.max(file.size, 1), true);
      if (!goOn || failures > 1) await wire.wait(Math.min(500 * 2 ** failures, longestWait), signal);
    }
  }
}

/** Which uploads were begun, across closed pages; a browser that keeps nothing begins anew. */
const memory = {
  get: (mark: string) => attempt(() => localStorage.getItem(mark)) ?? undefined,
  set: (mark: string, id: string) => attempt(() => localStorage.setItem(mark, id)),
  forget: (mark: string) => attempt(() => localStorage.removeItem(mark)),
};

function attempt<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}

const http: Wire = {
  begin: async (name, size, key) => (await ask(api.POST("/uploads", { body: { name, size }, headers: { "Idempotency-Key": key } }))).id,
  async offset(id) {
    let answer: Response;
    try {
      answer = await fetch(address(`/uploads/${id}`), { method: "HEAD", credentials: "same-origin" });
    } catch {
      throw new Problem({ status: 0, code: "offline" });
    }
    if (!answer.ok) throw new Problem({ status: answer.status, title: answer.statusText, code: answer.status === 404 ? "upload.not_found" : "http" });
    return Number(answer.headers.get("Upload-Offset"));
  },
  append: sendPiece,
  finish: (id) => ask(api.POST("/uploads/{id}/finish", { params: { path: { id } } })),
  drop: async (id) => void (await ask(api.DELETE("/uploads/{id}", { params: { path: { id } } }))),
  wait: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = new AbortController();
      const timer = setTimeout(() => end(resolve), milliseconds);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        stop.abort();
        settle();
      };
      window.addEventListener("online", () => end(resolve), { signal: stop.signal });
      signal?.addEventListener("abort", () => end(() => reject(new DOMException("aborted", "AbortError"))), { signal: stop.signal });
    }),
};

/** XMLHttpRequest, because fetch cannot report how much has been sent. */
function sendPiece(id: string, offset: number, piece: Blob, sent: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("PATCH", address(`/uploads/${id}`));
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.setRequestHeader("Upload-Offset", String(offset));
    request.responseType = "json";
    request.upload.onprogress = (e) => sent(e.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(problemFrom(request.response, request.status, request.statusText));
    };
    request.onerror = () => reject(new Problem({ status: 0, code: "offline" }));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    request.send(piece);
  });
}
