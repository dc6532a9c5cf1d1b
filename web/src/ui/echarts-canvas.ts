// Charts are shown as SVG; a picture of one is drawn on a canvas, which has the fonts of the page. Fetched when asked for.
import { use as register } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { init } from "./echarts";

register([CanvasRenderer]);

export { init };
