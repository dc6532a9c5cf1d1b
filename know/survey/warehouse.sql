-- Answers to questionnaires, a row for each question that was answered with a score. What people of the company and
-- customers entered is projected from the operational store and has import_no 0; what came from files stays here alone.
CREATE TABLE answer (
    id          UUID,
    response_id UUID,              -- one questionnaire answered by one person
    customer_id UUID USING COMPRESSION rle,
    answer_date DATE,
    survey      VARCHAR,           -- code of the questionnaire
    question    VARCHAR,           -- its key there; of satisfaction, the category
    topic       VARCHAR,           -- satisfaction, intention, recommendation, reference, complaint, second_chance,
                                   -- willingness, ability, reliability, reachability, involvement
    score       DOUBLE,            -- in the scale of the topic
    weight      DOUBLE,            -- of the question among those of its topic
    respondent  VARCHAR,           -- who answered; of the five Bs, who of the company scored. NULL is unknown
    import_no   INTEGER,           -- of the import that wrote the row last; 0 where people entered it
    row_no      BIGINT,            -- its record in that import
    source      VARCHAR,           -- the system whose codes these are
    code        VARCHAR,           -- key of the response there; NULL where it has none
    occurrence  INTEGER            -- of one without code: the n-th of equal contents in its import; else 1
);
-- The questions with a score, by which imported answers find their topic and weight.
CREATE TABLE survey_question (
    survey_id UUID,
    survey    VARCHAR,
    question  VARCHAR,
    topic     VARCHAR,
    weight    DOUBLE
);
