#ifndef CLinear_shim_h
#define CLinear_shim_h
#include <linear.h>

/* L2-regularised L2-loss machines in the primal, with the intercept regularised as it always was
   before 2.40. */
static inline struct parameter
CLinear_parameter(double cost, double tolerance, double *start)
{
  struct parameter choice = {0};
  choice.solver_type = L2R_L2LOSS_SVC;
  choice.C = cost;
  choice.eps = tolerance;
  choice.init_sol = start;
#if LIBLINEAR_VERSION >= 240
  choice.regularize_bias = 1;
#endif
  return choice;
}
#endif
