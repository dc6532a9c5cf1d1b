// All journeys in one process: they share one browser, and the demo company is made once and copied for each.
import "./first-day.mjs";
import "./salesperson.mjs";
import "./director.mjs";
import "./measures.mjs";
import "./trouble.mjs";
import "./accessible.mjs";
