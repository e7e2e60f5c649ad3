INSERT INTO serial (name, value) VALUES ('person', 0), ('secret', 0);
