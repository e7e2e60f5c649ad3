-- PostgreSQL has many writers: sequences give numbers without waiting.
CREATE SEQUENCE serial_figure;
CREATE SEQUENCE serial_batch;
CREATE SEQUENCE serial_phrase;
