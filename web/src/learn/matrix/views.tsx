import type { ReactNode } from "react";
import type { Search } from "../../ui/search";
import { MigrationView } from "../migration/view";
import { VisitsView } from "../visit/visits";
import { WhatIfView } from "../whatif/what-if";
import { CompareView } from "./compare";
import { OverviewView } from "./overview";
import { StatisticsView } from "./statistics";
import { customerMatrix } from "./words";

export type ViewProps = {
  /** Key of the matrix. */
  matrix: string;
  search: Search;
  change: (next: Search, push?: boolean) => void;
};

/**
 * The views on a matrix, in the order of their tabs. Another one is a file beside this and a line here, and its
 * name under `view` in the locale; it gets matrix, date and filter from the address, and keeps what it adds to it.
 */
export const views: { key: string; fits?: (matrix: string) => boolean; show: (props: ViewProps) => ReactNode }[] = [
  { key: "overview", fits: (matrix) => matrix === customerMatrix, show: (props) => <OverviewView {...props} /> },
  { key: "statistics", show: (props) => <StatisticsView {...props} /> },
  { key: "visits", show: (props) => <VisitsView {...props} /> },
  { key: "migration", show: (props) => <MigrationView {...props} /> },
  { key: "what_if", fits: (matrix) => matrix === customerMatrix, show: (props) => <WhatIfView {...props} /> },
  { key: "compare", show: (props) => <CompareView {...props} /> },
];
