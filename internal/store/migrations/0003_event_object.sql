-- What events can be found by. It follows from the events and is checked against
-- them; a backup leaves it out.
CREATE TABLE event_object (
  object       {key} NOT NULL,
  seq          BIGINT NOT NULL,
  PRIMARY KEY (object, seq)
) {clustered};
