import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { problemOf } from "../api/problem";
import { sessionQuery, setupQuery } from "../api/queries";
import { parseSearch, stringifySearch, type Search } from "../ui/search";
import { Broken, NotFound } from "./broken";
import { queries } from "./queries";
import { Shell } from "./shell";

const text = (search: Record<string, unknown>): Search => search as Search;

const root = createRootRoute({ component: Outlet, errorComponent: Broken, notFoundComponent: NotFound, validateSearch: text });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./sign-in"), "SignIn"),
});
const setUp = createRoute({
  getParentRoute: () => root,
  path: "/set-up",
  component: lazyRouteComponent(() => import("./set-up"), "SetUp"),
});

// Whoever has a link answers without an account.
const answer = createRoute({
  getParentRoute: () => root,
  path: "/answer/$token",
  component: lazyRouteComponent(() => import("./answer"), "AnswerPage"),
});

// Everything inside the shell needs a session; who has none is sent to sign in,
// or to set-up while there is nobody who could.
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queries.ensureQueryData(sessionQuery);
    } catch (cause) {
      if (problemOf(cause).status !== 401) throw cause;
      const { needed } = await queries.fetchQuery(setupQuery);
      if (needed) throw redirect({ to: "/set-up" });
      throw redirect({ to: "/sign-in", search: { next: location.href } as never });
    }
  },
});

type Loader = Parameters<typeof lazyRouteComponent>[0];
const page = <P extends string>(path: P, load: Loader, name: string) =>
  createRoute({
    getParentRoute: () => shell,
    path,
    component: lazyRouteComponent(load, name),
    errorComponent: Broken,
  });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/map/matrix" });
  },
});

const pages = [
  page("/map/matrix", () => import("../learn/matrix/page"), "MatrixPage"),
  page("/map/matrix/movers", () => import("../learn/migration/movers"), "MatrixMoversPage"),
  page("/map/customers", () => import("../learn/matrix/customers"), "CustomersPage"),
  page("/map/customers/$id", () => import("./customer-card"), "CustomerCard"),
  page("/map/segments", () => import("../learn/segment/page"), "SegmentsPage"),
  page("/map/segments/new", () => import("../learn/segment/edit"), "NewSegmentPage"),
  page("/map/segments/$id", () => import("../learn/segment/one"), "SegmentPage"),
  page("/map/rfm", () => import("../learn/rfm/page"), "RfmPage"),
  page("/map/profit", () => import("../learn/profit/page"), "ProfitPage"),
  page("/map/potential", () => import("../learn/wallet/page"), "PotentialPage"),
  page("/map/lifetime", () => import("../learn/clv/page"), "LifetimePage"),
  page("/map/loyalty", () => import("../learn/loyalty/page"), "LoyaltyPage"),
  page("/map/pyramid", () => import("../learn/pyramid/page"), "PyramidPage"),
  page("/map/pyramid/customers", () => import("../learn/pyramid/movers"), "MoversPage"),
  page("/plan/goals", () => import("../act/goal/page"), "GoalsPage"),
  page("/plan/goals/new", () => import("../act/goal/edit"), "NewGoalPage"),
  page("/plan/goals/$id", () => import("../act/goal/one"), "GoalPage"),
  page("/plan/allocation", () => import("../learn/allocation/page"), "AllocationPage"),
  page("/check/budget", () => import("../learn/variance/page"), "BudgetPage"),
  page("/data/import", () => import("../know/intake/history"), "ImportHistory"),
  page("/data/import/new", () => import("./imports"), "ImportWizardPage"),
  page("/data/import/$id", () => import("./imports"), "ImportReportPage"),
  page("/data/sources", () => import("../know/source/page"), "SourcesPage"),
  page("/data/sources/$id/feeds/$feed", () => import("../know/source/feed"), "FeedPage"),
  page("/data/check", () => import("../learn/quality/page"), "QualityPage"),
  page("/data/check/$kind", () => import("../learn/quality/kind"), "QualityKindPage"),
  page("/data/check/$kind/$finding", () => import("../learn/quality/rows"), "QualityRowsPage"),
  page("/data/surveys", () => import("../know/survey/page"), "SurveysPage"),
  page("/data/surveys/$id", () => import("../know/survey/questionnaire"), "SurveyPage"),
  page("/data/company", () => import("./settings/company-data"), "CompanyData"),
  page("/settings/company", () => import("./settings/company"), "CompanySettings"),
  page("/settings/organisation", () => import("../know/org/page"), "Organisation"),
  page("/settings/matrix", () => import("../learn/matrix/settings"), "MatrixSettings"),
  page("/settings/visits", () => import("../learn/visit/settings"), "VisitSettings"),
  page("/settings/rfm", () => import("../learn/rfm/settings"), "RfmSettings"),
  page("/settings/scoring", () => import("../learn/scoring/schedule"), "ScoringSettings"),
  page("/settings/profit", () => import("../learn/profit/settings"), "ProfitSettings"),
  page("/settings/potential", () => import("../learn/wallet/settings"), "PotentialSettings"),
  page("/settings/lifetime", () => import("../learn/clv/settings"), "LifetimeSettings"),
  page("/settings/loyalty", () => import("../learn/loyalty/settings"), "LoyaltySettings"),
  page("/settings/pyramid", () => import("../learn/pyramid/settings"), "PyramidSettings"),
  page("/settings/rules", () => import("../learn/rule/page"), "RulesPage"),
  page("/settings/users", () => import("./settings/users"), "UserSettings"),
  page("/settings/audit", () => import("./settings/audit"), "AuditLog"),
  page("/settings/jobs", () => import("./settings/jobs"), "JobList"),
  page("/account", () => import("./account/page"), "AccountPage"),
];

export const router = createRouter({
  routeTree: root.addChildren([signIn, setUp, answer, shell.addChildren([home, ...pages])]),
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: NotFound,
});
