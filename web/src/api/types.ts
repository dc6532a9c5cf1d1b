/**
 * The nouns of the HTTP API under the names the pages use. Their shapes are
 * generated from docs/openapi.json into schema.d.ts (`npm run generate`).
 *
 * Money is an integer in minor units of the base currency unless a `currency`
 * stands beside it; dates are "2026-10-31"; instants are UTC; shares are 0…1.
 */
import type { components, paths as all } from "./schema";

type Schemas = components["schemas"];

/** The routes without their common prefix, which is the client's base address. */
export type paths = { [P in keyof all as P extends `/api/v1${infer Rest}` ? Rest : never]: all[P] };

export type Page<T> = { items: T[]; next?: string };
export type FieldError = Schemas["ProblemItem"];
export type ProblemBody = Schemas["Problem"];

export type Session = Schemas["AccessSessionBody"];
export type User = Schemas["AccessUser"];
export type UserInput = Schemas["NewUserInputBody"];
export type NewUser = Schemas["AccessNewUserBody"];
export type Role = User["role"];
export type Scope = User["scope"];
export type Token = Schemas["AccessToken"];
export type NewToken = Schemas["AccessNewTokenBody"];
export type Change = Schemas["AuditEntry"];
export type Settings = Schemas["SettingGeneral"];

export type Unit = Schemas["OrgUnit"];
export type UnitInput = Schemas["OrgUnitForm"];
export type UnitKind = Unit["kind"];
export type Person = Schemas["OrgPerson"];
export type PersonInput = Schemas["OrgPersonForm"];
/** Where a unit hung, or a person sat, since when. */
export type OrgPlace = Schemas["OrgPlace"];

export type Customer = Schemas["Customer"];
export type CustomerInput = Schemas["CustomerForm"];
export type Potential = Schemas["CustomerPotential"];
export type PotentialSource = Potential["source"];

export type PurchaseLine = Schemas["PurchaseLineOut"];
export type RevenueSeries = Schemas["PurchaseRevenueOut"];

export type Matrix = Schemas["MatrixPicture"];
export type MatrixFigures = Schemas["MatrixFigures"];
export type MatrixCell = Schemas["MatrixCellFigures"];
export type CellKey = MatrixCell["key"];
export type RowKey = MatrixCell["row"];
export type ColumnKey = Matrix["columns"][number];
/** Where the classes of one version begin; null where no customer reaches the class. */
export type Boundaries = Schemas["MatrixBoundaries"];
export type MatrixVersion = Schemas["MatrixVersion"];
export type MatrixCustomer = Schemas["MatrixLine"];
export type Place = Schemas["MatrixPlace"];
export type MatrixDefinition = Schemas["MatrixDefinition"];
export type Cut = Schemas["MatrixCut"];
/** Any matrix: two measures and how they are cut. */
export type AnyMatrix = Schemas["GridDefinition"];
export type OfferedMatrix = Schemas["GridOffered"];
export type MatrixAxis = Schemas["GridAxis"];
export type MatrixClass = Schemas["GridClass"];
export type MatrixStatistics = Schemas["StatisticsPicture"];
export type StatisticsCell = Schemas["StatisticsCellFigures"];
export type StatisticsFigures = Schemas["StatisticsFigures"];
export type StatisticsFigure = Schemas["StatisticsFigure"];
export type MatrixComparison = Schemas["StatisticsComparison"];
export type MatrixDivision = Schemas["StatisticsDivision"];
export type StatisticsFilter = NonNullable<paths["/matrix/statistics"]["get"]["parameters"]["query"]>;
export type VarianceReport = Schemas["VarianceReport"];
export type VariancePart = Schemas["VariancePart"];
export type VarianceCause = Schemas["VarianceCause"];
export type VarianceForm = Schemas["VarianceForm"];
export type VarianceBy = VarianceReport["by"];
export type VarianceFilter = NonNullable<paths["/budget"]["get"]["parameters"]["query"]>;
export type VarianceCauseFilter = NonNullable<paths["/budget/causes"]["get"]["parameters"]["query"]>;
export type MatrixVisits = Schemas["VisitPicture"];
export type VisitColours = Schemas["VisitColours"];
export type VisitLate = Schemas["VisitLate"];
export type VisitDefinition = Schemas["VisitDefinition"];
export type VisitNorm = Schemas["VisitNorm"];
export type VisitFilter = NonNullable<paths["/matrix/visits"]["get"]["parameters"]["query"]>;
export type WhatIfAmount = Schemas["WhatifAmount"];
type Scenario = Schemas["WhatifAnswer"];
/** What a scenario would bring; a figure of which nothing can be said is null. */
export type WhatIf = Omit<Scenario, "revenue" | "margin" | "visits" | "cost_to_serve" | "left"> & { [K in "revenue" | "margin" | "visits" | "cost_to_serve" | "left"]: Scenario[K] | null };
export type WhatIfFilter = NonNullable<paths["/matrix/what-if"]["get"]["parameters"]["query"]>;
export type ComparisonFilter = NonNullable<paths["/matrix/comparison"]["get"]["parameters"]["query"]>;
export type MatrixFilter = NonNullable<paths["/matrix"]["get"]["parameters"]["query"]>;
export type MatrixListFilter = Omit<NonNullable<paths["/matrix/customers"]["get"]["parameters"]["query"]>, "cursor" | "limit">;

export type Measure = Schemas["Measure"];
export type MeasureUnit = Measure["unit"];
/** A measure of one customer, or why there is none. */
export type MeasureValue = Schemas["MeasureValue"];
/** How one customer's value came about. */
export type How = Schemas["MeasureHow"];
export type Rfm = Schemas["RfmPicture"];
export type RfmDefinition = Schemas["RfmDefinition"];
export type RfmTest = Schemas["RfmTestForm"];
export type BreakEven = Schemas["RfmBreakEvenAnswer"];
export type ScoringSchedule = Schemas["ScoringSchedule"];
export type Lifetime = Schemas["ClvPicture"];
export type LifetimeDefinition = Schemas["ClvDefinition"];
export type Contracts = Schemas["SurvivalPicture"];
export type ContractsDefinition = Schemas["SurvivalDefinition"];
export type Loyalty = Schemas["LoyaltyPicture"];
export type LoyaltyFilter = NonNullable<paths["/loyalty"]["get"]["parameters"]["query"]>;
export type LoyaltyDefinition = Schemas["LoyaltyDefinition"];
export type Profit = Schemas["ProfitPicture"];
export type ProfitLedger = Schemas["ProfitLedger"];
export type ProfitGrid = Schemas["ProfitGrid"];
export type ProfitCard = Schemas["ProfitCard"];
export type ProfitDefinition = Schemas["ProfitDefinition"];
export type Opportunity = Schemas["ProfitOpportunity"];
export type Wallet = Schemas["WalletPicture"];
export type WalletDefinition = Schemas["WalletDefinition"];
/** What is known of one customer's potential. */
export type WalletCard = Schemas["WalletCard"];
export type Pyramid = Schemas["PyramidPicture"];
export type PyramidLayer = Schemas["PyramidLayer"];
export type PyramidMovement = Schemas["PyramidMovement"];
export type PyramidMover = Schemas["PyramidMover"];
export type PyramidHistory = Schemas["PyramidHistory"];
export type PyramidDefinition = Schemas["PyramidDefinition"];
export type AllocationProblem = Schemas["AllocationProblem"];
export type AllocationSegment = Schemas["AllocationSegment"];
export type Allocation = Schemas["AllocationPlan"];
export type AllocationSegments = Schemas["AllocationSegments"];
export type LoyaltyArithmetic = Schemas["AllocationArithmetic"];
export type Plan = Schemas["AllocationBrief"];
export type KeptPlan = Schemas["AllocationKept"];
export type Goal = Schemas["GoalShown"];
export type GoalWhat = Schemas["GoalWhat"];
export type GoalForm = Schemas["GoalForm"];
export type GoalProgress = Schemas["GoalProgress"];
export type GoalSplit = Schemas["GoalSplit"];
export type GoalPart = Schemas["GoalPart"];
export type GoalLags = Schemas["GoalLags"];
export type GoalArea = Schemas["GoalArea"];
export type RoadStep = Schemas["GoalDated"];
export type RoadDraft = Schemas["GoalDraft"];
export type Rule = Schemas["Rule"];
export type RuleShown = Schemas["RuleShown"];
export type RuleListing = Schemas["RuleListing"];
export type RulePreview = Schemas["RulePreview"];
export type QualityReport = Schemas["QualityReport"];
export type QualityKind = Schemas["QualityKindReport"];
export type QualityFinding = Schemas["QualityFinding"];
export type QualityField = Schemas["QualityField"];
export type QualityMonth = Schemas["QualityMonth"];
export type QualityRun = Schemas["QualityRun"];
/** A record behind a figure of the data check; which fields it has depends on its kind. */
export type QualityRow = Schemas["QualityRow"];

export type StoredFile = Schemas["TabularFile"];
export type Dialect = Schemas["TabularDialect"];
export type ImportKind = Schemas["IntakeKindShape"];
export type KindField = Schemas["IntakeFieldShape"];
export type Mapping = Schemas["Mapping"];
/** What a field of a mapping says when it is more than a column's name. */
export type ColumnRule = Schemas["MappingObject"];
export type Lookup = Schemas["MappingLookup"];
export type Preview = Schemas["IntakePreview"];
export type PreviewInput = Schemas["IntakePreviewRequest"];
export type Import = Schemas["LoadImport"];
export type BegunJob = Schemas["IntakeBegunJob"];
export type Begun = Schemas["IntakeBegun"];
export type Reject = Schemas["Reject"];
export type RejectRows = Schemas["RejectRows"];

/** The result of a job that tries an import. */
export type Trial = {
  kind: string;
  read: number;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  stubs: number;
  reasons: { field?: string; column: string; code?: string; rows: number; example: Reject }[];
  rows: { row_no: number; before?: Record<string, unknown>; after: Record<string, unknown> }[];
};

/** A database of another system, what is read from it, and what became of that. */
export type Source = Schemas["Source"];
export type SourceInput = Schemas["SourceForm"];
export type Feed = Schemas["SourceFeed"];
export type FeedInput = Schemas["SourceFeedForm"];
export type Schedule = Schemas["SourceSchedule"];
export type SourceRun = Schemas["SourceRun"];

export type Job = Schemas["Job"];
export type Warehouse = Schemas["EngineState"];
/** How much of one kind of import is there, and from when to when. */
export type Holding = Schemas["AppHolding"];

export type Survey = Schemas["Survey"];
export type SurveyQuestion = Schemas["SurveyQuestion"];
export type SurveyTopic = SurveyQuestion["topic"];
export type SurveyPreset = Schemas["SurveyPreset"];
export type SurveyOutcome = Schemas["SurveyOutcome"];
export type SurveyResult = Schemas["SurveyResult"];
export type SurveyGiven = Schemas["SurveyGiven"];
export type SurveyResponse = Schemas["SurveyResponse"];
export type SurveyAnswer = Schemas["SurveyAnswer"];
export type SurveyStanding = Schemas["SurveyStanding"];
export type Invitation = Schemas["SurveyInvitation"];
export type PublicQuestion = Schemas["SurveyPublicQuestion"];
export type PublicSheet = Schemas["SurveyPublicSheet"];
/** A condition: conditions on fields and measures, joined by all, any and not. */
export type Tree = Schemas["FilterTree"];
export type Segment = Schemas["SegmentShown"];
export type SegmentHistory = Schemas["SegmentHistory"];
export type SegmentMove = Schemas["SegmentMove"];
export type SegmentReason = Schemas["SegmentReason"];
/** What became of the customers that were to come into a segment. */
export type Gathered = Schemas["SegmentGathered"];
export type MatrixMigration = Schemas["MigrationPicture"];
export type MatrixMigrationPart = Schemas["MigrationPart"];
export type MatrixMover = Schemas["MigrationMover"];
export type ForecastStatement = Schemas["MigrationStatement"];
export type MigrationFilter = NonNullable<paths["/matrix/migration"]["get"]["parameters"]["query"]>;
export type MatrixMoversFilter = NonNullable<paths["/matrix/movers"]["get"]["parameters"]["query"]>;
