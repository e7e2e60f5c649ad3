# Writes r.csv: what R's forecast package answers on 60 of the attainment series, and
# says how long its ets() took. Debian: apt-get install r-cran-forecast
#   Rscript r.R DIR_OF_ATTAINMENT > r.csv
suppressMessages(library(forecast))
dir <- commandArgs(TRUE)[1]
d <- read.csv(file.path(dir, "series.csv"))
ca <- read.csv(file.path(dir, "cases.csv"))
set.seed(5)
pick <- c(sample(which(ca$dataset == "m3"), 48), sample(which(ca$dataset == "tourism"), 12))
join <- function(x) paste(sprintf("%.9g", x), collapse = " ")
cat("dataset,id,model,loglik,aicc,ets,theta,y\n")
took <- 0
for (i in pick) {
  one <- ca[i, ]
  s <- d[d$dataset == one$dataset & d$id == one$id & d$year < one$year, ]
  s <- s[order(s$year, s$month), ]
  y <- ts(s$y, start = c(s$year[1], s$month[1]), frequency = 12)
  begin <- proc.time()[1]
  e <- ets(y)
  took <- took + proc.time()[1] - begin
  f <- forecast(e, h = 12, PI = FALSE)$mean
  model <- paste0(e$components[1], e$components[2], if (e$components[4] == "TRUE") "d" else "", e$components[3])
  cat(one$dataset, ",", one$id, ",", model, ",", sprintf("%.10f,%.10f", e$loglik, e$aicc), ",", join(f), ",", join(thetaf(y, h = 12)$mean), ",", join(s$y), "\n", sep = "")
}
message(sprintf("ets: %.3f s of processor time a series", took / length(pick)))
