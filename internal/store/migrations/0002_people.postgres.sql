CREATE SEQUENCE serial_person;
CREATE SEQUENCE serial_secret;
