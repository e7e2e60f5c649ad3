# Writes tasmania2014.csv: what forecast's ets() knows of the overnight trips in Tasmania (tasmania.csv) at the end of
# 2014, in all and by purpose: its forecasts of the twelve quarters that follow and its errors of one step.
# Debian: apt-get install r-cran-forecast
#   Rscript tasmania.R > tasmania2014.csv
suppressMessages(library(forecast))
d <- read.csv("tasmania.csv")
y <- rowsum(t(sapply(strsplit(d$trips, " "), as.numeric)), d$purpose)
y <- rbind(Total = colSums(y), y)[, 1:68]
join <- function(x) paste(sprintf("%.12g", x), collapse = " ")
cat("node,model,forecasts,errors\n")
for (v in rownames(y)) {
  e <- ets(ts(y[v, ], start = 1998, frequency = 4))
  cat(v, ",\"", e$method, "\",", join(forecast(e, h = 12, PI = FALSE)$mean), ",", join(e$x - e$fitted), "\n", sep = "")
}
