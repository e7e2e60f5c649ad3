# Times R's forecast package on the series of a CSV file (dataset,id,year,month,y):
# processor time a series, user and system, one line for each method.
suppressMessages(library(forecast))
d <- read.csv(commandArgs(TRUE)[1])
keys <- unique(paste(d$dataset, d$id))
series <- lapply(keys, function(k) {
  s <- d[paste(d$dataset, d$id) == k, ]
  ts(s$y, start = c(s$year[1], s$month[1]), frequency = 12)
})
methods <- list(
  ets = function(y) forecast(ets(y), h = 12),
  thetaf = function(y) thetaf(y, h = 12),
  "holt, damped" = function(y) holt(y, h = 12, damped = TRUE)
)
for (name in names(methods)) {
  begin <- proc.time()
  for (y in series) methods[[name]](y)
  took <- proc.time() - begin
  cat(name, (took[1] + took[2]) / length(series), "\n", sep = "\t")
}
cat("version", paste0("R ", getRversion(), ", forecast ", packageVersion("forecast")), "\n", sep = "\t")
