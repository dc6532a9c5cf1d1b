import { IconChecklist, IconCompass, IconDatabase, IconHeartHandshake, IconMap2, IconRun, IconSettings } from "@tabler/icons-react";

/** One page of the navigation. `can` is the action that shows it. */
export type NavPage = { to: string; label: string; can?: string };
/** A part of the loop (or beside it); without pages it is not available yet. */
export type NavPart = { key: string; icon: typeof IconMap2; pages: NavPage[] };

/** The loop: map → plan → act → check → serve. */
export const loop: NavPart[] = [
  {
    key: "map",
    icon: IconMap2,
    pages: [
      { to: "/map/matrix", label: "nav.matrix", can: "matrix.read" },
      { to: "/map/customers", label: "nav.customers", can: "customer.read" },
      { to: "/map/segments", label: "nav.segments", can: "segment.read" },
      { to: "/map/potential", label: "nav.potential", can: "measure.read" },
      { to: "/map/rfm", label: "nav.rfm", can: "measure.read" },
      { to: "/map/profit", label: "nav.profit", can: "measure.read" },
      { to: "/map/lifetime", label: "nav.lifetime", can: "measure.read" },
      { to: "/map/loyalty", label: "nav.loyalty", can: "measure.read" },
      { to: "/map/pyramid", label: "nav.pyramid", can: "measure.read" },
    ],
  },
  { key: "plan", icon: IconCompass, pages: [
      { to: "/plan/goals", label: "nav.goals", can: "goal.read" },
      { to: "/plan/allocation", label: "nav.allocation", can: "plan.read" },
    ] },
  { key: "act", icon: IconRun, pages: [] },
  { key: "check", icon: IconChecklist, pages: [{ to: "/check/budget", label: "nav.budget", can: "budget.read" }] },
  { key: "serve", icon: IconHeartHandshake, pages: [] },
];

export const beside: NavPart[] = [
  {
    key: "data",
    icon: IconDatabase,
    pages: [
      { to: "/data/import", label: "nav.import", can: "import.read" },
      { to: "/data/sources", label: "nav.sources", can: "source.read" },
      { to: "/data/check", label: "nav.quality", can: "quality.read" },
      { to: "/data/surveys", label: "nav.surveys", can: "survey.read" },
      { to: "/data/company", label: "nav.company_data", can: "warehouse.read" },
    ],
  },
  {
    key: "settings",
    icon: IconSettings,
    pages: [
      { to: "/settings/company", label: "nav.company", can: "settings.read" },
      { to: "/settings/organisation", label: "nav.organisation", can: "org.read" },
      { to: "/settings/matrix", label: "nav.cuts", can: "matrix.read" },
      { to: "/settings/potential", label: "nav.potential_settings", can: "measure.define" },
      { to: "/settings/visits", label: "nav.visit_settings", can: "measure.define" },
      { to: "/settings/rfm", label: "nav.rfm_settings", can: "measure.define" },
      { to: "/settings/profit", label: "nav.profit_settings", can: "measure.define" },
      { to: "/settings/scoring", label: "nav.scoring_settings", can: "score.run" },
      { to: "/settings/lifetime", label: "nav.lifetime_settings", can: "measure.define" },
      { to: "/settings/loyalty", label: "nav.loyalty_settings", can: "measure.define" },
      { to: "/settings/pyramid", label: "nav.pyramid_settings", can: "measure.define" },
      { to: "/settings/rules", label: "nav.rules", can: "measure.define" },
      { to: "/settings/users", label: "nav.users", can: "user.read" },
      { to: "/settings/audit", label: "nav.audit", can: "audit.read" },
      { to: "/settings/jobs", label: "nav.jobs", can: "job.read" },
    ],
  },
];
