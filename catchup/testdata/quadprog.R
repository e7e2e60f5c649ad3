# Fills the column x of quadprog.csv: the general solver of R's quadprog (Goldfarb and
# Idnani 1983) is told every constraint by itself. Rscript quadprog.R, in this directory;
# Debian has it as r-cran-quadprog. Problems that it calls inconsistent, because an
# equation says again what others say, are left NA.
library(quadprog)
all <- read.csv("quadprog.csv")
for (k in unique(all$problem)) {
  at <- all$problem == k
  p <- all[at, ]
  n <- nrow(p)
  equations <- matrix(1, n, 1); right <- p$needed[1]
  bounds <- matrix(0, n, 0); limits <- c()
  one <- function(i) as.numeric(seq_len(n) == i)
  for (i in seq_len(n)) {
    if (!is.na(p$lo[i]) && !is.na(p$hi[i]) && p$lo[i] == p$hi[i]) {
      equations <- cbind(equations, one(i)); right <- c(right, p$lo[i])
      next
    }
    if (!is.na(p$lo[i])) { bounds <- cbind(bounds, one(i)); limits <- c(limits, p$lo[i]) }
    if (!is.na(p$hi[i])) { bounds <- cbind(bounds, -one(i)); limits <- c(limits, -p$hi[i]) }
  }
  for (u in unique(p$unit)) {
    mine <- as.numeric(p$unit == u); first <- p[p$unit == u, ][1, ]
    if (!is.na(first$least)) { bounds <- cbind(bounds, mine); limits <- c(limits, first$least) }
    if (!is.na(first$most)) { bounds <- cbind(bounds, -mine); limits <- c(limits, -first$most) }
  }
  r <- try(solve.QP(diag(2 * p$w, n), 2 * p$w * p$e, cbind(equations, bounds), c(right, limits), meq = length(right)), silent = TRUE)
  all$x[at] <- if (inherits(r, "try-error")) NA else sprintf("%.9f", r$solution)
}
write.csv(all, "quadprog.csv", row.names = FALSE, quote = FALSE)
