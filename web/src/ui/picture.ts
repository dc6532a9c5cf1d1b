import type { EChartsCoreOption } from "echarts/core";
import type { PictureWords } from "./download";

// Two dots of the picture for one of the page, so that it stays sharp on paper.
const scale = 2;
const margin = 16;

type Look = { surface: string; text: string; dimmed: string; font: string };

function lookOf(element: HTMLElement): Look {
  const style = getComputedStyle(element);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return { surface: get("--k-surface"), text: get("--mantine-color-text"), dimmed: get("--mantine-color-dimmed"), font: style.fontFamily };
}

/** A chart as PNG, with its title and what it says of itself above. */
export async function pictureOfChart(element: HTMLElement, option: EChartsCoreOption, size: { width: number; height: number }, words: PictureWords): Promise<Blob> {
  const { init } = await import("./echarts-canvas");
  const box = document.createElement("div");
  const chart = init(box, undefined, { renderer: "canvas", devicePixelRatio: scale, ...size });
  try {
    chart.setOption({ ...option, animation: false });
    return await framed(chart.renderToCanvas({ pixelRatio: scale }), size, words, lookOf(element));
  } finally {
    chart.dispose();
  }
}

/** Anything drawn with the means of the page as PNG. */
export async function pictureOfElement(element: HTMLElement, words: PictureWords): Promise<Blob> {
  const { width, height } = { width: Math.ceil(element.scrollWidth), height: Math.ceil(element.scrollHeight) };
  const copy = styled(element) as HTMLElement;
  copy.style.margin = "0";
  copy.style.width = `${width}px`;
  copy.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
  const text = new XMLSerializer().serializeToString(copy);
  const fonts = await fontsOf();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}" height="${height * scale}" viewBox="0 0 ${width} ${height}"><style>${fonts}</style><foreignObject width="100%" height="100%">${text}</foreignObject></svg>`;
  const image = new Image();
  // A data address: what stands in a blob may not be read back from a canvas in some browsers.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  return framed(image, { width, height }, words, lookOf(element));
}

/** The fonts that the page has loaded, with their files in the text: an image may fetch nothing. */
async function fontsOf(): Promise<string> {
  const loaded = new Set([...document.fonts].filter((f) => f.status === "loaded").map((f) => f.family.replaceAll('"', "") + f.unicodeRange.replace(/\s/g, "").toLowerCase()));
  const rules = [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule): rule is CSSFontFaceRule => rule instanceof CSSFontFaceRule)
    .filter((rule) => loaded.has(rule.style.getPropertyValue("font-family").replaceAll('"', "") + rule.style.getPropertyValue("unicode-range").replace(/\s/g, "").toLowerCase()));
  const texts = rules.map(async (rule) => {
    const source = /url\("?([^")]+)"?\)/.exec(rule.cssText);
    if (!source?.[1] || source[1].startsWith("data:")) return rule.cssText;
    const file = await (await fetch(new URL(source[1], rule.parentStyleSheet?.href ?? location.href))).blob();
    const inline = await new Promise<string>((resolve, reject) => {
      const read = new FileReader();
      read.onload = () => resolve(String(read.result));
      read.onerror = () => reject(new Error("The browser could not read a font."));
      read.readAsDataURL(file);
    });
    return rule.cssText.replace(source[0], `url("${inline}")`);
  });
  return (await Promise.all(texts)).join("\n");
}

/** A copy that carries its looks itself, since an image knows no style sheet of the page. */
function styled(node: Element): Element {
  const copy = node.cloneNode(false) as HTMLElement | SVGElement;
  const style = getComputedStyle(node);
  if (style.display === "none") return document.createElement("span");
  copy.removeAttribute("class");
  copy.removeAttribute("href");
  copy.setAttribute("style", Array.from(style, (name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
  if ("style" in copy) copy.style.transition = copy.style.animation = "none";
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent ?? "");
    else if (child instanceof Element) copy.append(styled(child));
  }
  return copy;
}

/** Draws what was drawn below its words, on the surface of the page. */
async function framed(drawn: CanvasImageSource, size: { width: number; height: number }, words: PictureWords, look: Look): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("The browser gives no canvas to draw on.");
  const titleFont = `600 16px ${look.font}`;
  const noteFont = `12px ${look.font}`;
  const lines = (text: string, font: string) => {
    pen.font = font;
    return broken(text, size.width, (part) => pen.measureText(part).width);
  };
  const title = lines(words.title, titleFont);
  const notes = words.notes.flatMap((note) => lines(note, noteFont));
  const head = title.length * 22 + notes.length * 17 + 12;
  canvas.width = (size.width + 2 * margin) * scale;
  canvas.height = (size.height + head + 2 * margin) * scale;
  pen.scale(scale, scale);
  pen.fillStyle = look.surface;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "top";
  let y = margin;
  const write = (text: string, font: string, colour: string, step: number) => {
    pen.font = font;
    pen.fillStyle = colour;
    pen.fillText(text, margin, y);
    y += step;
  };
  for (const line of title) write(line, titleFont, look.text, 22);
  for (const line of notes) write(line, noteFont, look.dimmed, 17);
  pen.drawImage(drawn, margin, margin + head, size.width, size.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser made no picture."))), "image/png"));
}

/** A text in lines that are no wider than they may be. */
export function broken(text: string, most: number, width: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && width(longer) > most) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line ? [...lines, line] : lines;
}
