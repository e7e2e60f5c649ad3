# Writes reconcile.csv: what the definition of reconciliation, written out in matrices,
# gives on three real trees. It shares no code with the program.
#   deaths: monthly deaths from lung diseases in the United Kingdom, 1974-1979: women and men (R's own data)
#   permits: building permits issued in the states of the Northeast of the United States, 2018-2020, in two
#     divisions (Census Bureau, public domain; states.csv beside this file)
#   tasmania: overnight trips in Tasmania, quarters of 1998-2017, four purposes of five regions each (tasmania.csv beside
#     this file: Tourism Research Australia, National Visitor Survey, as in the dataset tourism of R's package tsibble)
# Base forecasts are those of forecast's ets(), a year ahead, summed; errors are its one-step errors.
# Debian: apt-get install r-cran-forecast
#   Rscript reconcile.R > reconcile.csv
suppressMessages(library(forecast))

# shrunk covariance of errors, towards its diagonal: Schaefer and Strimmer (2005), with mean taken as zero
shrunk <- function(e) {
  n <- nrow(e)
  cov <- t(e) %*% e / n
  z <- e %*% diag(1 / sqrt(diag(cov)))
  r <- t(z) %*% z / n
  noise <- size <- 0
  for (i in seq_len(ncol(e))) for (j in seq_len(ncol(e))) if (i != j) {
    w <- z[, i] * z[, j]
    noise <- noise + sum((w - mean(w))^2) / (n * (n - 1))
    size <- size + r[i, j]^2
  }
  lambda <- max(0, min(1, noise / size))
  list(lambda = lambda, cov = lambda * diag(diag(cov)) + (1 - lambda) * cov)
}

reconcile <- function(name, parent, y, m = 12) { # parent 0 is the root; y has a column for each leaf, m rows a year
  n <- length(parent)
  leaves <- setdiff(seq_len(n), parent)
  S <- matrix(0, n, length(leaves))
  for (k in seq_along(leaves)) {
    at <- leaves[k]
    while (at > 0) { S[at, k] <- 1; at <- parent[at] }
  }
  all <- y %*% t(S)
  fits <- lapply(seq_len(n), function(i) ets(ts(all[, i], frequency = m)))
  f <- sapply(fits, function(fit) sum(forecast(fit, h = m, PI = FALSE)$mean))
  e <- sapply(fits, function(fit) as.numeric(fit$x - fit$fitted))
  s <- shrunk(e)
  W <- list(diag(n), diag(rowSums(S)), diag(colMeans(e^2)), s$cov)
  x <- sapply(W, function(w) {
    w <- solve(w)
    S %*% solve(t(S) %*% w %*% S) %*% t(S) %*% w %*% f
  })
  for (i in seq_len(n))
    cat(paste(c(name, i - 1, parent[i] - 1, sprintf("%.12g", c(f[i], x[i, ], s$lambda)), paste(sprintf("%.12g", e[, i]), collapse = " ")), collapse = ","), "\n", sep = "")
}

cat("tree,node,parent,forecast,ordinary,structural,variance,mint,lambda,errors\n")
reconcile("deaths", c(0, 1, 1), cbind(as.numeric(fdeaths), as.numeric(mdeaths)))
d <- read.csv("states.csv")
first <- unique(d$division)
y <- as.matrix(d[, -(1:2)])
reconcile("permits", c(0, rep(1, length(first)), 1 + match(d$division, first)), t(y))
d <- read.csv("tasmania.csv")
d <- d[order(d$purpose), ]
purposes <- unique(d$purpose)
y <- sapply(strsplit(d$trips, " "), as.numeric)
reconcile("tasmania", c(0, rep(1, length(purposes)), 1 + match(d$purpose, purposes)), y, 4)
