import { startLocale } from "../locale";

// jsdom has no media queries; pages then are as on a wide screen.
window.matchMedia ??= ((query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {}, onchange: null, dispatchEvent: () => false })) as typeof window.matchMedia;
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

startLocale();

// jsdom cannot scroll and says so loudly.
window.scrollTo = () => {};
