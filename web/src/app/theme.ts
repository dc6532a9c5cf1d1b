import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

// One accent: the blue-green of deep water. Shade 8 on white is 8.6 : 1.
const tide: MantineColorsTuple = [
  "#eef7f9", "#d9ecf0", "#b2d9e1", "#87c4d1", "#63b2c3", "#4aa5b9", "#2f8fa5", "#1f788d", "#0f5c70", "#0a4352",
];
// Neutrals with a trace of the accent, so that tinted and plain surfaces agree.
const gray: MantineColorsTuple = [
  "#f7f9fa", "#eff3f4", "#e3e9eb", "#d3dbde", "#bcc7cb", "#97a5ab", "#6b7a81", "#4d5b62", "#313e44", "#1d282d",
];
const dark: MantineColorsTuple = [
  "#d7dfe2", "#b9c4c9", "#94a2a8", "#64737a", "#3c4a51", "#2b373d", "#202b30", "#172126", "#11191d", "#0b1114",
];

export const theme = createTheme({
  primaryColor: "tide",
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  colors: { tide, gray, dark },
  black: "#16232a",
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace',
  defaultRadius: "sm",
  cursorType: "pointer",
  fontSizes: { xs: "0.75rem", sm: "0.8438rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.25rem" },
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.5rem", lineHeight: "1.25" },
      h2: { fontSize: "1.125rem", lineHeight: "1.35" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  components: {
    // The library colours titles in the alert's own hue, which is too faint on yellow.
    Alert: { styles: { title: { color: "var(--mantine-color-text)" } } },
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45 } } },
  },
});

/** Colours that differ between light and dark and belong to the product. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#55636a",
    "--mantine-color-placeholder": "#647279",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "#0f5c70",
    "--k-page": "#f5f7f8",
    "--k-surface": "#ffffff",
    "--k-line": "#dde4e7",
    "--k-accent": "#0f5c70",
    "--k-tint": "#1d8ba6",
    "--k-gold": "#c9981a",
    "--k-silver": "#8d9aa3",
    "--k-bronze": "#b06f3c",
    "--k-unknown": "#6b7a81",
    "--k-gold-soft": "#fbf4df",
    "--k-silver-soft": "#eff2f4",
    "--k-bronze-soft": "#f8ece3",
    "--k-unknown-soft": "#f2f4f5",
  },
  dark: {
    "--mantine-color-body": "#11191d",
    "--mantine-color-dimmed": "#a3b1b7",
    "--mantine-color-placeholder": "#8b9aa1",
    "--mantine-color-error": "#ff9a91",
    "--mantine-color-anchor": "#7fcadb",
    "--k-page": "#0e1518",
    "--k-surface": "#172126",
    "--k-line": "#2b373d",
    "--k-accent": "#7fcadb",
    "--k-tint": "#2f9ab5",
    "--k-gold": "#e0b64a",
    "--k-silver": "#aab6bd",
    "--k-bronze": "#cf8f5c",
    "--k-unknown": "#7f8e95",
    "--k-gold-soft": "#2b2614",
    "--k-silver-soft": "#222b30",
    "--k-bronze-soft": "#2c211a",
    "--k-unknown-soft": "#1c262b",
  },
});
