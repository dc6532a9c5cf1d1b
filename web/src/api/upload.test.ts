import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "./problem";
import type { StoredFile } from "./types";
import { pieceSize, upload, type Wire } from "./upload";

/** A server in memory that can be made to fail: each failure is taken off the list by the call that meets it. */
function server(failures: (Problem | "part" | undefined)[] = []) {
  const uploads = new Map<string, number[]>();
  const log: string[] = [];
  const fail = () => {
    const next = failures.shift();
    if (next instanceof Problem) throw next;
    return next;
  };
  const wire: Wire = {
    async begin() {
      log.push("begin");
      fail();
      const id = `u${uploads.size + 1}`;
      uploads.set(id, []);
      return id;
    },
    async offset(id) {
      log.push("offset");
      fail();
      const arrived = uploads.get(id);
      if (!arrived) throw new Problem({ status: 404, code: "upload.not_found" });
      return arrived.reduce((a, b) => a + b, 0);
    },
    async append(id, offset, piece, sent) {
      log.push(`append ${offset}`);
      const arrived = uploads.get(id);
      if (!arrived) throw new Problem({ status: 404, code: "upload.not_found" });
      if (fail() === "part") {
        arrived.push(1000);
        throw new Problem({ status: 0, code: "offline" });
      }
      if (offset !== arrived.reduce((a, b) => a + b, 0)) throw new Problem({ status: 409, code: "upload.offset" });
      arrived.push(piece.size);
      sent(piece.size);
    },
    async finish(id) {
      log.push("finish");
      fail();
      return { id, name: "a.csv", size: 0, format: "text" } as unknown as StoredFile;
    },
    async drop(id) {
      log.push("drop");
      uploads.delete(id);
    },
    async wait() {
      log.push("wait");
    },
  };
  return { wire, log, uploads };
}

const offline = () => new Problem({ status: 0, code: "offline" });
const file = (size: number) => new File([new Uint8Array(size)], "a.csv", { lastModified: 1 });

describe("upload", () => {
  beforeEach(() => localStorage.clear());

  it("sends a file in pieces, in order", async () => {
    const { wire, log } = server();
    const parts: number[] = [];
    await upload(file(pieceSize + 5), (part) => parts.push(part), undefined, wire);
    expect(log).toEqual(["begin", "append 0", `append ${pieceSize}`, "finish"]);
    expect(parts.at(-1)).toBe(1);
    expect(localStorage.length).toBe(0);
  });

  it("shows what has arrived for as long as the network is gone", async () => {
    const { wire } = server([undefined, undefined, offline(), offline(), offline()]);
    const waiting: number[] = [];
    await upload(file(2 * pieceSize), (part, waits) => waits && waiting.push(part), undefined, wire);
    expect(waiting).toEqual([0.5, 0.5, 0.5]);
  });

  it("goes on from what has arrived after the network broke inside a piece", async () => {
    const { wire, log, uploads } = server([undefined, "part"]);
    const waits: boolean[] = [];
    await upload(file(5000), (_, waiting) => waits.push(waiting), undefined, wire);
    expect(log).toEqual(["begin", "append 0", "wait", "offset", "append 1000", "finish"]);
    expect(uploads.get("u1")).toEqual([1000, 4000]);
    expect(waits).toContain(true);
  });

  it("tries everything again that had no answer, and the finish as well", async () => {
    const { wire, log } = server([offline(), undefined, undefined, new Problem({ status: 503, code: "http" })]);
    await upload(file(10), () => undefined, undefined, wire);
    expect(log).toEqual(["begin", "wait", "begin", "append 0", "finish", "wait", "offset", "finish"]);
  });

  it("gives up with the problem when nothing arrives for long, and a second try goes on", async () => {
    const { wire, log } = server([undefined, ...Array.from({ length: 30 }, offline)]);
    await expect(upload(file(10), () => undefined, undefined, wire)).rejects.toMatchObject({ code: "offline" });
    log.length = 0;
    const again = server();
    again.uploads.set("u1", [4]);
    await upload(file(10), () => undefined, undefined, again.wire);
    expect(again.log).toEqual(["offset", "append 4", "finish"]);
  });

  it("begins anew when what a closed page had begun is gone", async () => {
    const { wire, log } = server();
    localStorage.setItem("upload a.csv 10 1", "long-gone");
    await upload(file(10), () => undefined, undefined, wire);
    expect(log).toEqual(["offset", "begin", "append 0", "finish"]);
  });

  it("does not repeat what was refused", async () => {
    const { wire, log } = server([undefined, undefined, new Problem({ status: 422, code: "file.format" })]);
    await expect(upload(file(10), () => undefined, undefined, wire)).rejects.toMatchObject({ code: "file.format" });
    expect(log).toEqual(["begin", "append 0", "finish"]);
    expect(localStorage.length).toBe(0);
  });

  it("takes back what was begun when it is left out", async () => {
    const { wire, log, uploads } = server();
    const stop = new AbortController();
    const sending = upload(file(pieceSize * 3), (part) => part > 0.3 && stop.abort(), stop.signal, wire);
    await expect(sending).rejects.toThrow();
    expect(log.at(-1)).toBe("drop");
    expect(uploads.size).toBe(0);
  });
});
